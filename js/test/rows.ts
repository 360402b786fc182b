/** Rows for tests. */
import type { Row } from "../src/lib/model.ts";
import type { Snapshot } from "../src/table/book.ts";
import { BLANK, type Frame } from "../src/table/frame.ts";

export const NOW = new Date(2026, 10, 20, 14, 2).getTime();
export const secondsAgo = (seconds: number): number => NOW - 1000 * seconds;

export function row(id: string, status: string, facts: Partial<Row> = {}): Row {
  return {
    ...BLANK,
    id,
    status,
    program: "sampler",
    backend: "aer_local",
    created: secondsAgo(1000),
    ...facts,
  };
}

/** Rows by columns, as the kernel sends them, numbered from `first` on. */
export function frame(rows: readonly Row[], first = 0): Frame {
  const columns = Object.keys(rows[0] ?? {}).map((field) => [
    field,
    rows.map((one) => one[field as keyof Row]),
  ]);
  return { n: rows.map((_, i) => first + i), ...Object.fromEntries(columns) };
}

/** What a page begins with. */
export function snapshot(rows: readonly Row[], facts: Partial<Snapshot> = {}): Snapshot {
  return { rev: 5, total: rows.length, rows: frame(rows), ...facts };
}
