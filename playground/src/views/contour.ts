// Lines along which a field has a level, by marching squares.

/**
 * An SVG path of the level's lines through a field (side × side, row 0 at the bottom) in a square of the given size, y downwards. Each cell gives
 * a piece by itself; drawn with round ends they join.
 */
export function contourPath(field: ArrayLike<number>, side: number, level: number, size: number): string {
  const cell = size / (side - 1);
  const parts: string[] = [];
  const show = (x: number, y: number) => `${(x * cell).toFixed(1)} ${(size - y * cell).toFixed(1)}`;
  for (let j = 0; j < side - 1; j++) {
    for (let i = 0; i < side - 1; i++) {
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]]; // biome-ignore format: around the cell
      const values = corners.map(([x, y]) => field[y * side + x] - level);
      const crossings: string[] = [];
      for (let k = 0; k < 4; k++) {
        const [a, b] = [values[k], values[(k + 1) % 4]];
        if (a > 0 === b > 0) continue;
        const share = a / (a - b);
        const [[ax, ay], [bx, by]] = [corners[k], corners[(k + 1) % 4]];
        crossings.push(show(ax + share * (bx - ax), ay + share * (by - ay)));
      }
      for (let k = 0; k + 1 < crossings.length; k += 2) parts.push(`M${crossings[k]}L${crossings[k + 1]}`);
    }
  }
  return parts.join("");
}
