/**
 * Rows as they travel: by columns. `n` numbers the rows; a field without a column is unknown in
 * new rows and unchanged in known ones (written by `qjobwidgets/widgets/frames.py`).
 */
import type { Row } from "../lib/model.ts";

type Value = Row[keyof Row];

/** The values of one field; where words repeat, the words and which of them each row has. */
type Column = Value[] | { of: Value[]; at?: number[] };

export interface Frame {
  n: number[];
  [field: string]: Column;
}

/** A row of which nothing is known. */
export const BLANK: Row = {
  id: "",
  status: "",
  program: null,
  backend: null,
  created: null,
  started: null,
  finished: null,
  reason: null,
  advice: null,
  code: null,
  tags: [],
  session: null,
  position: null,
  usage: null,
  estimate: null,
  cancelling: false,
  note: null,
  refused: false,
};

/**
 * Return the rows of a frame with their numbers.
 *
 * @param known returns the row of a number that a frame of changes builds on; null if there is
 *   none, and then the row is left out.
 */
export function rowsOf(
  frame: Frame,
  known: (number: number) => Row | null = () => BLANK,
): [number: number, row: Row][] {
  const columns = Object.entries(frame).filter(([field]) => Object.hasOwn(BLANK, field));
  const rows: [number, row: Row][] = [];
  for (const [i, number] of frame.n.entries()) {
    const base = known(number);
    if (base === null) continue;
    // written in place: of ten thousand rows, each through pairs and back, the page stood still
    const row: Record<string, Value> = { ...base };
    for (const [field, column] of columns) row[field] = valueAt(column, i);
    rows.push([number, row as unknown as Row]);
  }
  return rows;
}

function valueAt(column: Column, i: number): Value {
  if (Array.isArray(column)) return column[i] as Value;
  return column.of[column.at?.[i] ?? 0] as Value;
}
