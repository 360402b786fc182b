/** The orders of the table, the same as in `qjobwidgets/render/overview.py`. */
import type { Row } from "../lib/model.ts";
import { isFinal } from "../lib/status.ts";

/** What one can sort by; with a minus before it, the other way round. */
const SORTS = ["status", "id", "program", "backend", "created", "ran", "usage"] as const;

export type SortName = (typeof SORTS)[number];

const RANKS = ["RUNNING", "ERROR", "INITIALIZING", "QUEUED"];
const FINISHED = new Set(["DONE", "CANCELLED"]);

function rank(row: Row): number {
  if (FINISHED.has(row.status)) return RANKS.length + 1;
  const known = RANKS.indexOf(row.status);
  return known < 0 ? RANKS.length : known;
}

/** Compare two rows of the same rank: queues by place, the past by recency, the rest by age. */
function within(a: Row, b: Row): number {
  if (a.status === "QUEUED" && a.position !== b.position) {
    return (a.position ?? Infinity) - (b.position ?? Infinity);
  }
  if (FINISHED.has(a.status) || a.status === "ERROR") return endOf(b) - endOf(a);
  return (a.created ?? 0) - (b.created ?? 0);
}

const endOf = (row: Row): number => row.finished ?? row.created ?? 0;

type Compare = (a: Row, b: Row) => number;

/** Running, failed, starting, queued, unknown, then what is finished, latest first. */
const byStatus: Compare = (a, b) => rank(a) - rank(b) || within(a, b) || (a.id < b.id ? -1 : 1);

type Fact = string | number | null;

const FACTS: Record<string, (row: Row, now: number) => Fact> = {
  id: (row) => row.id,
  program: (row) => row.program,
  backend: (row) => row.backend,
  created: (row) => row.created,
  ran: (row, now) => {
    const end = row.finished ?? (isFinal(row.status) ? null : now);
    return row.started === null || end === null ? null : end - row.started;
  },
  usage: (row) => row.usage,
};

/** Return the name of a sort without its direction, and whether that is backwards. */
export function sortOf(sort: string): [name: SortName, backwards: boolean] {
  const name = sort.replace(/^-/, "") as SortName;
  return SORTS.includes(name) ? [name, sort.startsWith("-")] : ["status", false];
}

/**
 * Return what compares two rows. What is not known comes last in either direction; rows equal in
 * the fact are in the default order.
 */
export function comparer(sort: string, now: number): Compare {
  const [name, backwards] = sortOf(sort);
  const fact = FACTS[name];
  if (fact === undefined) return backwards ? (a, b) => byStatus(b, a) : byStatus;
  const sign = backwards ? -1 : 1;
  return (a, b) => {
    const [one, other] = [fact(a, now), fact(b, now)];
    if (one === other) return byStatus(a, b);
    if (one === null || other === null) return one === null ? 1 : -1;
    return one < other ? -sign : sign;
  };
}
