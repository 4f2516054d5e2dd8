/**
 * How often each class was taken for each: row = the true class. Logits and one-hot rows (rows, classes), or of two classes one logit and a 0 or 1.
 */
export function confusion(said: ArrayLike<number>, truth: ArrayLike<number>, classes: number): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const width = classes > 2 ? classes : 1;
  const classAt = (values: ArrayLike<number>, row: number, border: number) => {
    if (width === 1) return Number(values[row] > border);
    let best = 0;
    for (let c = 1; c < width; c++) if (values[row * width + c] > values[row * width + best]) best = c;
    return best;
  };
  for (let row = 0; row * width < said.length; row++) counts[classAt(truth, row, 0.5)][classAt(said, row, 0)]++;
  return counts;
}
