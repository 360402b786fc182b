/** Tables as CSV, for a spreadsheet. */

type Cell = string | number | null | undefined;

/**
 * Return lines of cells as CSV (RFC 4180). A text that a spreadsheet would take for a formula gets
 * an apostrophe before it, as tags, reasons and the names of fields come from outside.
 */
export function csvOf(lines: Iterable<readonly Cell[]>): string {
  return Array.from(lines, (line) => `${line.map(written).join(",")}\r\n`).join("");
}

function written(value: Cell): string {
  if (typeof value === "number") return Number.isNaN(value) ? "" : String(value);
  const text = /^[=+\-@\t\r]/.test(value ?? "") ? `'${value}` : (value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
