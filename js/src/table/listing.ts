/** The rows that match, in order, kept so while single rows change: ten thousand stay quick. */
import type { Row } from "../lib/model.ts";
import { comparer } from "./order.ts";
import { type Filter, matcher } from "./query.ts";

export class Listing {
  /** A new array after each change. */
  rows: readonly Row[] = [];
  private matches: (row: Row) => boolean = () => true;
  private compare: (a: Row, b: Row) => number = () => 0;

  /** List these rows anew. */
  build(rows: Iterable<Row>, filter: Filter, sort: string, now: number): void {
    this.matches = matcher(filter);
    this.compare = comparer(sort, now);
    this.rows = [...rows].filter(this.matches).sort(this.compare);
  }

  /** Put rows that are new or have changed in their places, and take away those that are gone. */
  update(changed: readonly Row[], gone: Iterable<string> = []): void {
    const touched = new Set([...gone, ...changed.map((row) => row.id)]);
    const rest = this.rows.filter((row) => !touched.has(row.id));
    const coming = changed.filter(this.matches).sort(this.compare);
    this.rows = merged(rest, coming, this.compare);
  }
}

function merged(
  rows: readonly Row[],
  coming: readonly Row[],
  compare: (a: Row, b: Row) => number,
): Row[] {
  const all: Row[] = [];
  let from = 0;
  for (const row of coming) {
    const to = placeOf(rows, row, from, compare);
    for (let i = from; i < to; i++) all.push(rows[i] as Row);
    all.push(row);
    from = to;
  }
  for (let i = from; i < rows.length; i++) all.push(rows[i] as Row);
  return all;
}

/** Return the index of the first row, from `low` on, that comes after `row`. */
function placeOf(
  rows: readonly Row[],
  row: Row,
  low: number,
  compare: (a: Row, b: Row) => number,
): number {
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(rows[middle] as Row, row) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
