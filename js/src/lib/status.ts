/** How each job status looks: icon, word, tone; and the detail beside the word. */
import type { IconName } from "./icons.ts";
import type { Row } from "./model.ts";
import { duration, number, usage } from "./words.ts";

export interface Look {
  icon: IconName;
  tone: "run" | "wait" | "ok" | "fail" | "still";
  word: string;
}

const LOOKS: Record<string, Omit<Look, "word">> = {
  INITIALIZING: { icon: "initializing", tone: "still" },
  QUEUED: { icon: "queued", tone: "wait" },
  RUNNING: { icon: "running", tone: "run" },
  DONE: { icon: "done", tone: "ok" },
  CANCELLED: { icon: "cancelled", tone: "still" },
  ERROR: { icon: "error", tone: "fail" },
};
const FINAL = new Set(["DONE", "CANCELLED", "ERROR"]);

/** Whether this status never changes again. An unknown word is taken as not final. */
export function isFinal(status: string): boolean {
  return FINAL.has(status);
}

/** Return icon, tone and word of a status; a word nobody knows is shown as it came. */
export function lookOf(status: string, cancelling: boolean): Look {
  if (cancelling && !isFinal(status))
    return { icon: "cancelling", tone: "wait", word: "cancelling…" };
  const known = Object.hasOwn(LOOKS, status) ? LOOKS[status] : undefined;
  return { icon: "unknown", tone: "still", ...known, word: status };
}

/** Return what stands beside the word: the position in the queue, the run's age, an error's code. */
export function detailOf(row: Row, now: number): string | null {
  if (row.status === "QUEUED") return ahead(row.position);
  if (row.status === "RUNNING" && row.started !== null) return duration((now - row.started) / 1000);
  if (row.status === "ERROR" && row.code !== null) return String(row.code);
  return null;
}

/** Return a queue position (from 1) in words: "next", "3 ahead". */
export function ahead(position: number | null): string | null {
  if (position === null) return null;
  return position <= 1 ? "next" : `${position - 1} ahead`;
}

/** Return what a cancel costs: "One is running; its 41.2 s stay charged." */
export function consequence(rows: readonly Row[]): string {
  const running = rows.filter((row) => row.status === "RUNNING");
  const one = running.length === 1;
  const who = rows.length === 1 ? "It is" : one ? "One is" : `${number(running.length)} are`;
  const none = rows.length === 1 ? "It has not started." : "None has started.";
  if (running.length === 0) return none;
  const charged = running.reduce((sum, row) => sum + (row.usage ?? 0), 0);
  if (charged === 0) return `${who} running.`;
  return `${who} running; ${one ? "its" : "their"} ${usage(charged)} stay charged.`;
}
