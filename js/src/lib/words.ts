/** Times and numbers as the product says them. Pure: the present is an argument. */

/** Narrow no-break space: groups thousands and stands before units. */
export const THIN = "\u202f";
/** What stands for a value nobody knows; never 0. */
export const UNKNOWN = "–";

const MINUS = "−";
const DAY = 86_400;

function unit(value: number, name: string): string {
  return `${value}${THIN}${name}`;
}

/** Return a duration in seconds in two units at most: "8 s", "3 min 12 s", "6 h 12 min". */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const parts: [number, string][] = [
    [Math.floor(s / DAY), "d"],
    [Math.floor(s / 3600) % 24, "h"],
    [Math.floor(s / 60) % 60, "min"],
    [s % 60, "s"],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  if (first < 0) return unit(0, "s");
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, name]) => unit(value, name))
    .join(" ");
}

/** Return a duration that is over, in tenths below ten seconds: "0.4 s", "12 s". */
export function took(seconds: number): string {
  return seconds < 9.95 ? `${number(seconds, 1)}${THIN}s` : duration(seconds);
}

/** Return a time of the past as an age, or as a date when it is more than a day ago. */
export function ago(time: number, now: number): string {
  const s = Math.max(0, Math.floor((now - time) / 1000));
  if (s < 60) return `${unit(s, "s")} ago`;
  if (s < 3600) return `${unit(Math.floor(s / 60), "min")} ago`;
  if (s < DAY) return `${unit(Math.floor(s / 3600), "h")} ago`;
  return date(time);
}

// made once: a formatter takes longer to make than to use
const MONTH = new Intl.DateTimeFormat("en", { month: "short" });
const two = (value: number): string => String(value).padStart(2, "0");

/** Return the time of day here: "14:02". */
export function clock(time: number): string {
  const at = new Date(time);
  return `${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** Return day and time here: "19 Nov 13:41". */
export function date(time: number): string {
  const at = new Date(time);
  return `${at.getDate()} ${MONTH.format(at)} ${clock(time)}`;
}

const WHOLE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** Return day and time to the second, as the reader writes them. */
export function wholeDate(time: number): string {
  return WHOLE.format(time);
}

/** Return a fixed time: the time of day for today, with the date otherwise. */
export function moment(time: number, now: number): string {
  return new Date(time).toDateString() === new Date(now).toDateString() ? clock(time) : date(time);
}

/** Return a number with `decimals` places, grouped by three on both sides of the point. */
export function number(value: number, decimals = 0): string {
  if (!Number.isFinite(value)) return UNKNOWN;
  const text = Math.abs(value).toFixed(decimals);
  const [whole = "", fraction] = text.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, THIN);
  const sign = value < 0 && Number(text) !== 0 ? MINUS : "";
  return sign + grouped + (fraction ? `.${fraction.replace(/(\d{3})(?=\d)/g, `$1${THIN}`)}` : "");
}

/** Return a share of 1 in per cent: "12.4 %". */
export function percent(share: number, decimals = 1): string {
  return `${number(share * 100, decimals)}${THIN}%`;
}

/** Return a charge of QPU time: "41.2 s", "0 s", or the mark of the unknown. */
export function usage(seconds: number | null): string {
  if (seconds === null) return UNKNOWN;
  return seconds < 60 ? `${number(seconds, seconds === 0 ? 0 : 1)}${THIN}s` : duration(seconds);
}

/** Return an id as rows show it: first four … last four. */
export function shortId(id: string): string {
  return id.length > 9 ? `${id.slice(0, 4)}…${id.slice(-4)}` : id;
}

/** Return "1 job", "2 jobs", "4 096 jobs". */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${number(n)} ${n === 1 ? one : many}`;
}
