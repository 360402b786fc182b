/** The course of one job: its moments, and the stretches between them. Pure. */
import type { Row } from "../lib/model.ts";
import { isFinal } from "../lib/status.ts";
import { duration, took } from "../lib/words.ts";

export interface Stretch {
  kind: "wait" | "run" | "rest";
  tone: "wait" | "run" | "fail" | "over";
  /** What stands over it. */
  text: string;
  /** Its length in seconds, by which stretches share the width. */
  seconds: number;
  /** What begins it, and when; null for a time nobody knows. */
  from: { text: string; time: number | null };
}

export interface Course {
  stretches: Stretch[];
  /** What ends the last one; its time is null where it is not known. */
  end: { text: string; time: number | null; tone: "fail" | "plain" };
}

const ENDS: Record<string, string> = { DONE: "Done", ERROR: "Failed", CANCELLED: "Cancelled" };

/** Return the course as it is known at `until`. */
export function courseOf(row: Row, until: number): Course {
  const over = isFinal(row.status);
  const { created, started } = row;
  const last = row.finished ?? (over ? (started ?? created ?? until) : until);
  const stretches: Stretch[] = [];
  const begin = { text: "Created", time: created };
  if (created !== null || started === null) {
    const seconds = span(created, started ?? last);
    const waiting = !over && started === null;
    stretches.push({
      kind: "wait",
      tone: waiting ? "wait" : "over",
      text: `${waiting ? "waiting" : "waited"} ${duration(seconds)}`,
      seconds,
      from: begin,
    });
  }
  if (started !== null) {
    const seconds = span(started, last);
    stretches.push({
      kind: "run",
      tone: row.status === "ERROR" ? "fail" : over ? "over" : "run",
      text: ranText(row, seconds, over),
      seconds,
      from: { text: "Running", time: started },
    });
  }
  if (over) {
    const text = ENDS[row.status] ?? "Ended";
    const tone = row.status === "ERROR" ? "fail" : "plain";
    return { stretches, end: { text, time: row.finished, tone } };
  }
  if (started === null || row.estimate === null) {
    return { stretches, end: { text: "Now", time: until, tone: "plain" } };
  }
  const about = started + row.estimate * 1000;
  const seconds = span(until, about);
  stretches.push({
    kind: "rest",
    tone: "run",
    text: seconds > 0 ? "" : "longer than estimated",
    seconds,
    from: { text: "Now", time: until },
  });
  return { stretches, end: { text: "Done, about", time: about, tone: "plain" } };
}

function ranText(row: Row, seconds: number, over: boolean): string {
  if (!over) {
    return duration(seconds) + (row.estimate === null ? "" : ` of about ${duration(row.estimate)}`);
  }
  const qpu = row.usage ? `, ${took(row.usage)} on the QPU` : "";
  return `${row.status === "ERROR" ? "failed after" : "ran"} ${took(seconds)}${qpu}`;
}

function span(from: number | null, to: number): number {
  return from === null ? 0 : Math.max(0, (to - from) / 1000);
}

/** Return the course in words, for those who can't see it. */
export function courseText({ stretches, end }: Course): string {
  const parts = stretches.map(({ text }) => text).filter(Boolean);
  return [...parts, end.text.toLowerCase()].join(", ");
}
