/**
 * The one time axis of the wait-and-run column: where waiting, running and the estimate of each
 * job lie between the window's start (0 %) and its end (100 %). Pure.
 */
import type { Row } from "../lib/model.ts";
import { isFinal } from "../lib/status.ts";
import { clock, duration } from "../lib/words.ts";

/** Where "now" stands, in per cent of the column's width; the rest is for estimates. */
export const NOW_AT = 76.5;

const MINUTE = 60_000;
/** Lengths of the past shown, with the distance of its ticks, in minutes. */
const SPANS: readonly (readonly [past: number, tick: number])[] = [
  [2.5, 1],
  [5, 2],
  [12, 5],
  [25, 10],
  [50, 20],
  [150, 60],
  [450, 180],
  [1200, 480],
];

/** Finished jobs that are to be seen when there are no others. */
const RECENT = 5;

export interface Axis {
  now: number;
  /** Milliseconds of the past between 0 % and "now". */
  past: number;
  ticks: { at: number; text: string }[];
}

/**
 * Return the axis for these rows: the shortest span that holds all unfinished jobs, or, when all
 * are finished, the latest few.
 */
export function axisFor(rows: Iterable<Row>, now: number): Axis {
  let oldest = -1;
  // of what is finished, the ages of the latest, in order
  const latest: number[] = [];
  for (const row of rows) {
    const age = now - (row.created ?? now);
    if (!isFinal(row.status)) oldest = Math.max(oldest, age);
    else if (latest.length < RECENT || age < (latest.at(-1) as number)) {
      latest.push(age);
      latest.sort((a, b) => a - b);
      latest.length = Math.min(latest.length, RECENT);
    }
  }
  const need = oldest >= 0 ? oldest : (latest.at(-1) ?? 0);
  const fitting = SPANS.find(([past]) => past * MINUTE >= need) ?? SPANS.at(-1);
  const [past, tick] = fitting as readonly [number, number];
  return { now, past: past * MINUTE, ticks: ticksOf(now, past * MINUTE, tick * MINUTE) };
}

function ticksOf(now: number, past: number, tick: number): Axis["ticks"] {
  // whole local hours, also where the zone is half an hour off
  const zone = new Date(now).getTimezoneOffset() * MINUTE;
  const ticks: Axis["ticks"] = [];
  for (let at = Math.floor((now - zone) / tick) * tick + zone; at > now - past; at -= tick) {
    const place = placeOf(at, now, past);
    // in the narrowest column a label is 27 % wide: it must neither touch "now" nor leave
    if (place < NOW_AT - 27 && place > 12) ticks.unshift({ at: place, text: clock(at) });
  }
  return ticks;
}

function placeOf(time: number, now: number, past: number): number {
  return NOW_AT * (1 - (now - time) / past);
}

export interface Bar {
  kind: "wait" | "run" | "estimate";
  left: number;
  width: number;
}

export interface Course {
  tone: "wait" | "run" | "fail" | "over";
  bars: Bar[];
  /** Whether something lies before the window. */
  older: boolean;
}

/** Return the bars of one job on the axis. */
export function courseOf(row: Row, axis: Axis): Course {
  const { created, started, finished } = row;
  const over = isFinal(row.status);
  const end = finished ?? axis.now;
  const place = (time: number) => clamp(placeOf(time, axis.now, axis.past));
  const spans: [Bar["kind"], number | null, number | null][] = [
    ["wait", created, started ?? end],
    ["run", started, end],
    ["estimate", over || started === null ? null : axis.now, estimatedEnd(row)],
  ];
  const bars = spans.flatMap(([kind, from, to]): Bar[] => {
    if (from === null || to === null || to < from) return [];
    if (placeOf(to, axis.now, axis.past) < 0) return [];
    return [{ kind, left: place(from), width: place(to) - place(from) }];
  });
  const first = created ?? started ?? end;
  const older = placeOf(first, axis.now, axis.past) < 0 && bars.length === 0;
  return { tone: toneOf(row), bars, older };
}

function toneOf(row: Row): Course["tone"] {
  if (row.status === "ERROR") return "fail";
  if (isFinal(row.status)) return "over";
  return row.started === null ? "wait" : "run";
}

const clamp = (place: number): number => Math.min(100, Math.max(0, place));

function estimatedEnd(row: Row): number | null {
  return row.started === null || row.estimate === null ? null : row.started + row.estimate * 1000;
}

/** Return seconds a job has run, up to `until` when it still does; null when it never started. */
export function ranFor(row: Row, until: number): number | null {
  return row.started === null ? null : Math.max(0, ((row.finished ?? until) - row.started) / 1000);
}

/** Return the course in words: "waited 17 min 40 s, running 3 min 12 s of about 4 min 30 s". */
export function courseWords(row: Row, until: number): string {
  const over = isFinal(row.status);
  const ran = ranFor(row, until);
  const waitEnd = row.started ?? row.finished ?? until;
  const words: string[] = [];
  if (row.created !== null) {
    const waited = duration((waitEnd - row.created) / 1000);
    words.push(`${over || ran !== null ? "waited" : "waiting"} ${waited}`);
  }
  if (ran !== null) {
    const verb = row.status === "ERROR" ? "failed after" : over ? "ran" : "running";
    const about = !over && row.estimate !== null ? ` of about ${duration(row.estimate)}` : "";
    words.push(`${verb} ${duration(ran)}${about}`);
  }
  return words.join(", ");
}
