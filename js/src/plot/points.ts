/**
 * The points of an interim plot as growing columns, and what is drawn of them. Pure, but for the
 * columns, which grow in place so that a long stream is not copied at each value.
 */

export type Goal = "min" | "max" | null;

/** A column of numbers that only grows. */
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

/** What has been received: number of the message, attempt that made it, value (NaN for none). */
export interface Points {
  seq: Float64Array;
  attempt: Float64Array;
  value: Float64Array;
}

export const NO_POINTS: Points = {
  seq: new Float64Array(),
  attempt: new Float64Array(),
  value: new Float64Array(),
};

/** Return a copy of a binary trait as numbers; the host's view may begin anywhere in its buffer. */
export function numbers(view: DataView | undefined): Float64Array {
  if (view === undefined) return new Float64Array();
  return new Float64Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}

/** Return the best value so far at each point, starting anew with each attempt. */
export function runningBest({ attempt, value }: Points, goal: Goal): Float64Array {
  const best = new Float64Array(value.length);
  const better = goal === "max" ? Math.max : Math.min;
  for (let i = 0; i < value.length; i++) {
    // an infinity says that something went wrong, and is no best
    const own = Number.isFinite(value[i]) ? (value[i] as number) : Number.NaN;
    const before = i > 0 && attempt[i] === attempt[i - 1] ? (best[i - 1] as number) : Number.NaN;
    if (goal === null || Number.isNaN(before)) best[i] = own;
    else best[i] = Number.isNaN(own) ? before : better(before, own);
  }
  return best;
}

/** A stretch of messages that did not arrive, between two that did. */
export interface Gap {
  from: number;
  to: number;
  missed: number;
}

/**
 * Return where messages are missing. The first message of a new attempt comes after the mark of
 * its start, which has a number of its own but no value.
 */
export function gapsOf({ seq, attempt }: Points, dropped: number): Gap[] {
  const gaps: Gap[] = [];
  for (let i = 0; i < seq.length; i++) {
    const from = i === 0 ? 0 : (seq[i - 1] as number);
    const to = seq[i] as number;
    const marks = i > 0 && attempt[i] !== attempt[i - 1] ? 1 : 0;
    const missed = to - from - 1 - marks;
    if (missed > 0) gaps.push({ from, to, missed });
  }
  // messages discarded by the service share one number: it alone knows how many they were
  const [only] = gaps;
  if (only && gaps.length === 1) only.missed = Math.max(only.missed, dropped);
  return gaps;
}

/** Return where each attempt but the first begins. */
export function attemptStarts({ seq, attempt }: Points): { at: number; number: number }[] {
  const starts: { at: number; number: number }[] = [];
  for (let i = 1; i < seq.length; i++) {
    if (attempt[i] === attempt[i - 1]) continue;
    starts.push({ at: seq[i] as number, number: attempt[i] as number });
  }
  return starts;
}

type Cells = (number | null)[];

/** Columns for the chart: x, then value and best of earlier attempts, then of the present one. */
export type Columns = [x: number[], oldValue: Cells, oldBest: Cells, value: Cells, best: Cells];

/** Return the chart's columns; an empty cell breaks the lines where an attempt or a gap begins. */
export function columnsOf(points: Points, best: Float64Array): Columns {
  const { seq, attempt, value } = points;
  const columns: Columns = [[], [], [], [], []];
  const [x, ...cells] = columns;
  const present = attempt.at(-1);
  for (let i = 0; i < seq.length; i++) {
    const at = seq[i] as number;
    const before = seq[i - 1] ?? at - 1;
    if (i > 0 && (at - before > 1 || attempt[i] !== attempt[i - 1])) {
      x.push((at + before) / 2);
      for (const column of cells) column.push(null);
    }
    x.push(at);
    const pair = [value[i], best[i]].map((v) => (Number.isFinite(v) ? (v as number) : null));
    const row = attempt[i] === present ? [null, null, ...pair] : [...pair, null, null];
    cells.forEach((column, c) => {
      column.push(row[c] ?? null);
    });
  }
  return columns;
}

/** Return the index of the point nearest to `x`. */
export function nearest(seq: Float64Array, x: number): number {
  let low = 0;
  let high = seq.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((seq[middle] as number) < x) low = middle + 1;
    else high = middle;
  }
  const before = seq[low - 1];
  return before !== undefined && x - before < (seq[low] as number) - x ? low - 1 : low;
}
