/** Which columns there are, and which of them a table shows. */
import type { Known } from "./book.ts";

/** Columns beside status and job; called as `JobsTable(columns=...)` has them. */
export const COLUMNS = [
  ["program", "Program"],
  ["backend", "Backend"],
  ["created", "Created"],
  ["timeline", "Wait and run"],
  ["ran", "Ran"],
  ["usage", "Usage"],
  ["tags", "Tags"],
] as const;

export type ColumnName = (typeof COLUMNS)[number][0];

/**
 * Return the class names by which the style sheet shows what was chosen. Nothing chosen means as
 * much as the width allows, without columns in which no row has anything.
 */
export function columnClasses(chosen: readonly string[], known: Known): string {
  if (chosen.length === 0) {
    const { facets } = known;
    const blank: Partial<Record<ColumnName, boolean>> = {
      program: facets.of("program").size === 0,
      backend: facets.of("backend").size === 0,
      tags: facets.of("tag").size === 0,
      usage: facets.charged === 0,
    };
    const none = COLUMNS.filter(([name]) => blank[name]).map(([name]) => ` qjw-no-${name}`);
    return `qjw-auto${none.join("")}`;
  }
  const left = COLUMNS.filter(([name]) => !chosen.includes(name));
  return ["qjw-chosen", ...left.map(([name]) => `qjw-no-${name}`)].join(" ");
}

/** Return what is chosen once a column is shown that was not, or the other way round. */
export function columnToggled(chosen: readonly string[], name: ColumnName): string[] {
  const all = COLUMNS.map(([column]) => column);
  const before = chosen.length === 0 ? all : all.filter((column) => chosen.includes(column));
  const next = all.filter((column) => before.includes(column) !== (column === name));
  // all of them is as many as the width allows; none of them can't be told from that
  return next.length === all.length || next.length === 0 ? [] : next;
}
