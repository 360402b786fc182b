/** Ranges, steps and decimals of the plot's axes and readout. Pure. */
import { number, THIN } from "../lib/words.ts";

const STEPS = [1, 1.5, 2, 3, 4, 5, 7.5];

/** Return where the x axis ends for `n`: it grows in steps (10, 15, 20, ... 100, 150, 200). */
export function endOfAxis(n: number): number {
  for (let ten = 10; ; ten *= 10) {
    const step = STEPS.find((s) => !(s * ten < n));
    if (step !== undefined) return step * ten;
  }
}

/** Distances of x ticks: whole numbers only. */
export const WHOLE_STEPS = [1, 2, 5, 10].flatMap((s) =>
  [1, 10, 100, 1e3, 1e4, 1e5, 1e6].map((ten) => s * ten),
);
WHOLE_STEPS.push(25, 250, 2500, 25_000);
WHOLE_STEPS.sort((a, b) => a - b);

/**
 * Return a y range around heights and references, with some air; whole decades on a log axis. It
 * grows in steps: an axis that moved with each new best value could be neither read nor kept.
 */
export function rangeOf(
  low: number,
  high: number,
  references: readonly number[] = [],
  decades = false,
): [number, number] {
  if (!(low <= high)) return decades ? [-1, 0] : [0, 1];
  if (decades) {
    const bottom = Math.floor(low);
    return [bottom, Math.max(Math.ceil(high), bottom + 1)];
  }
  if (low === high) {
    const air = Math.abs(high) * 0.1 || 1;
    return [low - air, high + air];
  }
  const air = 0.05 * (high - low);
  const step = 2 ** Math.floor(Math.log2(air / 1.5));
  // under a reference at the bottom stands its name
  const bottom = low - (references.includes(low) ? 2.1 : 1) * air;
  return [step * Math.floor(bottom / step), step * Math.ceil((high + air) / step)];
}

/** Return how many decimals tell values of this span apart: one part in ten thousand. */
export function decimalsFor(span: number): number {
  if (!(span > 0)) return 4;
  return Math.min(8, Math.max(0, 4 - Math.floor(Math.log10(span))));
}

/** Return the decimals of ticks this far apart. */
export function tickDecimals(step: number): number {
  const text = step.toPrecision(6).replace(/0+$/, "");
  const decimals = text.includes(".") ? (text.split(".")[1]?.length ?? 0) : 0;
  return Math.min(8, decimals);
}

const PREFIXES = [
  [1, ""],
  [1e-3, "m"],
  [1e-6, "µ"],
  [1e-9, "n"],
] as const;

/** Return a distance with its unit, scaled so that it reads well: "4.10 mHa". */
export function distance(value: number, unit: string): string {
  if (unit === "" || !Number.isFinite(value)) return number(value, decimalsFor(value));
  const [scale, prefix] =
    PREFIXES.find(([s]) => value >= s) ?? (value === 0 ? PREFIXES[0] : PREFIXES[3]);
  return `${number(value / scale, 2)}${THIN}${prefix}${unit}`;
}

/** Return a value with its unit. */
export function quantity(value: number, decimals: number, unit: string): string {
  return unit === "" || !Number.isFinite(value)
    ? number(value, decimals)
    : `${number(value, decimals)}${THIN}${unit}`;
}
