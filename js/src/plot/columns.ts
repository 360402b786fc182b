/** Columns of numbers as they come from the kernel, and as they grow in the page. */

/** A column of numbers that only grows: in place, so that a long stream is not copied each time. */
export class Column {
  #cells = new Float64Array(256);
  length = 0;

  push(more: Float64Array): void {
    const length = this.length + more.length;
    if (length > this.#cells.length) {
      const larger = new Float64Array(Math.max(length, 2 * this.#cells.length));
      larger.set(this.#cells.subarray(0, this.length));
      this.#cells = larger;
    }
    this.#cells.set(more, this.length);
    this.length = length;
  }

  view(): Float64Array {
    return this.#cells.subarray(0, this.length);
  }
}

/** Return a copy of a binary trait as numbers; the host's view may begin anywhere in its buffer. */
export function numbers(view: DataView | undefined): Float64Array {
  if (view === undefined) return new Float64Array();
  return new Float64Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}

/** Return the index of the number nearest to `x` in a column that grows; -1 if it is empty. */
export function nearest(column: Float64Array, x: number): number {
  let low = 0;
  let high = column.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((column[middle] as number) < x) low = middle + 1;
    else high = middle;
  }
  const before = column[low - 1];
  return before !== undefined && x - before < (column[low] as number) - x ? low - 1 : high;
}
