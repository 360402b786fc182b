/** Which rows to draw of a long list whose rows differ in height. Pure. */

/** Return where each row begins, and at the end of the list, where the last one ends. */
export function offsets(rows: number, heightOf: (row: number) => number): Float64Array {
  const starts = new Float64Array(rows + 1);
  let end = 0;
  for (let row = 0; row < rows; row++) {
    end += heightOf(row);
    starts[row + 1] = end;
  }
  return starts;
}

/** Return the index of the row at height `y`. */
export function rowAt(starts: Float64Array, y: number): number {
  let low = 0;
  let high = Math.max(0, starts.length - 2);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] as number) <= y) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Return the first row and the one after the last to draw, with `extra` rows around. */
export function windowOf(
  starts: Float64Array,
  top: number,
  height: number,
  extra: number,
): [first: number, end: number] {
  const n = starts.length - 1;
  if (n <= 0) return [0, 0];
  const first = rowAt(starts, Math.max(0, top));
  const last = rowAt(starts, Math.max(0, top + height));
  return [Math.max(0, first - extra), Math.min(n, last + 1 + extra)];
}
