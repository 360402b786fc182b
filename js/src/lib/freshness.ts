/** What a view says about how fresh it is. Pure: the present is an argument. */
import type { Freshness } from "./model.ts";
import { ago, clock, duration, moment } from "./words.ts";

export interface FreshWords {
  icon: "live" | "hollow" | "offline";
  /** What has changed or not since a moment; said to screen readers when it changes. */
  text: string;
  /** The part that counts down; shown only. */
  more: string | null;
}

/** Return the words for the one fixed place where a view says how fresh it is. */
export function freshWords(fresh: Freshness, now: number): FreshWords {
  switch (fresh.state) {
    case "connecting":
      return { icon: "hollow", text: "connecting", more: null };
    case "live":
      return aged(fresh, now)
        ? { icon: "hollow", text: ago(fresh.as_of as number, now), more: null }
        : { icon: "live", text: "live", more: null };
    case "offline":
      return { icon: "offline", text: `offline${since(fresh, now)}`, more: retry(fresh, now) };
    case "refused":
      return { icon: "hollow", text: `stopped${at(fresh.since ?? fresh.as_of, now)}`, more: null };
    default:
      return {
        icon: "hollow",
        text: `as of${at(fresh.as_of, now) || " an earlier run"}`,
        more: null,
      };
  }
}

/** Whether a live view is older than two of its intervals. */
export function aged(fresh: Freshness, now: number): boolean {
  if (fresh.as_of === null || fresh.interval === null) return false;
  return now - fresh.as_of > 2000 * fresh.interval;
}

/** Return the moment up to which running times may be counted: now, or what was last known. */
export function knownUntil(fresh: Freshness, now: number): number {
  return fresh.state === "live" ? now : (fresh.as_of ?? now);
}

export interface NoteWords {
  tone: "wait" | "fail" | "plain";
  text: string;
  retry: boolean;
}

/** Return the note under the header, when there is trouble to explain. */
export function noteWords(fresh: Freshness): NoteWords | null {
  const from = fresh.as_of === null ? "" : `, from ${clock(fresh.as_of)}`;
  switch (fresh.state) {
    case "live":
      return fresh.message ? { tone: "wait", text: fresh.message, retry: false } : null;
    case "offline":
      return {
        tone: "wait",
        text: `${fresh.message ? `${fresh.message} ` : ""}Last known state${from}. Cancel needs the service to answer.`,
        retry: true,
      };
    case "refused":
      return {
        tone: "fail",
        text:
          fresh.message ?? "The service refused the token. Save a new one, then press Retry now.",
        retry: true,
      };
    case "gone":
      return {
        tone: "plain",
        text: "The kernel behind this view has stopped. Run the cell again to go live. Your jobs go on.",
        retry: false,
      };
    default:
      return null;
  }
}

const at = (time: number | null, now: number): string =>
  time === null ? "" : ` ${moment(time, now)}`;

const since = (fresh: Freshness, now: number): string =>
  fresh.since === null ? "" : ` since${at(fresh.since, now)}`;

function retry(fresh: Freshness, now: number): string | null {
  if (fresh.retry_at === null) return null;
  const seconds = Math.ceil((fresh.retry_at - now) / 1000);
  return seconds > 0 ? `retrying in ${duration(seconds)}` : "retrying";
}
