/** The lines of the table: rows, and, when grouped, the groups' own lines. Pure. */
import type { Row } from "../lib/model.ts";
import { type Group, groupsOf } from "./query.ts";

/** Rows of a group that are shown before the rest is asked for. */
export const FEW = 8;

/** How far the jobs of a group have come. */
export interface Progress {
  all: number;
  done: number;
  failed: number;
  running: number;
  queued: number;
  cancelled: number;
}

export interface GroupLine {
  kind: "group";
  key: string;
  /** Null for the jobs outside of any group. */
  name: string | null;
  progress: Progress;
  open: boolean;
}

export interface JobLine {
  kind: "job";
  key: string;
  row: Row;
  /** Key of its group. */
  parent: string | null;
}

/** Stands for the rows of a group that are not shown. */
export interface MoreLine {
  kind: "more";
  key: string;
  hidden: number;
  all: number;
  parent: string;
}

export type Line = GroupLine | JobLine | MoreLine;

/** What a reader has opened and closed. */
export interface Folds {
  closed: ReadonlySet<string>;
  /** Groups of which all rows are shown. */
  whole: ReadonlySet<string>;
}

/** Return one line for each row. */
export function plainLines(rows: readonly Row[]): JobLine[] {
  return rows.map((row) => ({ kind: "job", key: row.id, row, parent: null }));
}

/**
 * Return the lines of grouped rows: groups in the order of their first rows, those outside of any
 * at the end. A group's progress counts all of its jobs, also those the filter leaves out.
 */
export function groupedLines(
  listed: readonly Row[],
  all: Iterable<Row>,
  group: Group,
  modes: Record<string, string>,
  folds: Folds,
): Line[] {
  const members = new Map<string, { name: string | null; rows: Row[] }>();
  const outside: Row[] = [];
  for (const row of listed) {
    const names = groupsOf(row, group, modes);
    if (names.length === 0) outside.push(row);
    for (const name of names) {
      const key = `${group}:${name}`;
      const known = members.get(key);
      if (known) known.rows.push(row);
      else members.set(key, { name, rows: [row] });
    }
  }
  if (outside.length > 0) members.set(group, { name: null, rows: outside });
  const progress = progressOf(all, group, modes);
  return [...members].flatMap(([key, { name, rows }]): Line[] => {
    const open = !folds.closed.has(key);
    const far = progress.get(key) as Progress;
    const head: GroupLine = { kind: "group", key, name, progress: far, open };
    if (!open) return [head];
    const cut = !folds.whole.has(key) && rows.length > FEW;
    const shown = (cut ? rows.slice(0, FEW - 2) : rows).map(
      (row): JobLine => ({ kind: "job", key: `${key} ${row.id}`, row, parent: key }),
    );
    if (!cut) return [head, ...shown];
    const hidden = rows.length - shown.length;
    return [
      head,
      ...shown,
      { kind: "more", key: `${key} more`, hidden, all: rows.length, parent: key },
    ];
  });
}

const WORDS: Record<string, keyof Progress> = {
  DONE: "done",
  ERROR: "failed",
  RUNNING: "running",
  QUEUED: "queued",
  CANCELLED: "cancelled",
};

function progressOf(
  rows: Iterable<Row>,
  group: Group,
  modes: Record<string, string>,
): Map<string, Progress> {
  const found = new Map<string, Progress>();
  for (const row of rows) {
    const names = groupsOf(row, group, modes);
    const keys = names.length > 0 ? names.map((name) => `${group}:${name}`) : [group];
    for (const key of keys) {
      const progress = found.get(key) ?? nothing();
      found.set(key, progress);
      progress.all += 1;
      const word = WORDS[row.status];
      if (word) progress[word] += 1;
    }
  }
  return found;
}

const nothing = (): Progress => ({
  all: 0,
  done: 0,
  failed: 0,
  running: 0,
  queued: 0,
  cancelled: 0,
});
