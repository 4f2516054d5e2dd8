/** How often each class was taken for each: row = the true class. Logits, and one-hot rows (rows, classes). */
export function confusion(said: ArrayLike<number>, truth: ArrayLike<number>, classes: number): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const classAt = (values: ArrayLike<number>, row: number) => {
    let best = 0;
    for (let c = 1; c < classes; c++) if (values[row * classes + c] > values[row * classes + best]) best = c;
    return best;
  };
  for (let row = 0; row * classes < said.length; row++) counts[classAt(truth, row)][classAt(said, row)]++;
  return counts;
}
