/** Rows for tests. */
import type { Row } from "../src/lib/model.ts";

export const NOW = new Date(2026, 10, 20, 14, 2).getTime();
export const secondsAgo = (seconds: number): number => NOW - 1000 * seconds;

export function row(id: string, status: string, facts: Partial<Row> = {}): Row {
  return {
    id,
    status,
    program: "sampler",
    backend: "aer_local",
    created: secondsAgo(1000),
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
    ...facts,
  };
}
