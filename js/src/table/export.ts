/** Rows as text for elsewhere: a spreadsheet, a cell of code. */
import { csvOf } from "../lib/csv.ts";
import type { Row } from "../lib/model.ts";

const time = (ms: number | null): string => (ms === null ? "" : new Date(ms).toISOString());

/** The columns, called as those of `to_dataframe()`. */
const COLUMNS: readonly (readonly [name: string, value: (row: Row) => string | number | null])[] = [
  ["job_id", (row) => row.id],
  ["status", (row) => row.status],
  ["program", (row) => row.program],
  ["backend", (row) => row.backend],
  ["created", (row) => time(row.created)],
  ["started", (row) => time(row.started)],
  ["finished", (row) => time(row.finished)],
  ["usage_seconds", (row) => row.usage],
  ["tags", (row) => row.tags.join(" ")],
  ["session_id", (row) => row.session],
  ["reason", (row) => row.reason],
  ["reason_code", (row) => row.code],
  ["reason_solution", (row) => row.advice],
];

/** Return the rows as CSV. */
export function asCsv(rows: readonly Row[]): string {
  const names = COLUMNS.map(([name]) => name);
  return csvOf([names, ...rows.map((row) => COLUMNS.map(([, value]) => value(row)))]);
}

/** Return Python that gets the jobs again. */
export function asCode(ids: readonly string[]): string {
  const calls = ids.map((id) => `service.job(${JSON.stringify(id)})`);
  return calls.length === 1 ? (calls[0] as string) : `jobs = [\n    ${calls.join(",\n    ")},\n]`;
}

/** Have the browser save a text as a file. */
export function download(name: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // the browser reads the address after the click, at its leisure
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
