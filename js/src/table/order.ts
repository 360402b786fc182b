/** The default order: running, failed, starting, queued, then what is finished, latest first. */
import type { Row } from "../lib/model.ts";

const GROUPS = ["RUNNING", "ERROR", "INITIALIZING", "QUEUED"];
const FINISHED = new Set(["DONE", "CANCELLED"]);

function group(row: Row): number {
  if (FINISHED.has(row.status)) return GROUPS.length + 1;
  const known = GROUPS.indexOf(row.status);
  return known < 0 ? GROUPS.length : known;
}

/** Compare two rows of the same group: queues by place, the past by recency, the rest by age. */
function within(a: Row, b: Row): number {
  if (a.status === "QUEUED" && a.position !== b.position) {
    return (a.position ?? Infinity) - (b.position ?? Infinity);
  }
  if (FINISHED.has(a.status) || a.status === "ERROR") return endOf(b) - endOf(a);
  return (a.created ?? 0) - (b.created ?? 0);
}

const endOf = (row: Row): number => row.finished ?? row.created ?? 0;

/** Return the rows in their default order; rows equal in everything else stand by id. */
export function inOrder(rows: Iterable<Row>): Row[] {
  return [...rows].sort((a, b) => group(a) - group(b) || within(a, b) || (a.id < b.id ? -1 : 1));
}
