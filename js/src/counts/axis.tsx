/** The column heads of the bars, with their scale. */
import { number, THIN } from "../lib/words.ts";
import { type Entry, endOfAxis } from "./outcomes.ts";

/** What the axis counts; the bars are as long either way. */
export type Unit = "share" | "counts";

export interface Scale {
  unit: Unit;
  /** The share at the end of the axis. */
  end: number;
  /** What the ticks say, from 0 to the end in quarters. */
  ticks: string[];
  /** How many decimals shares in per cent have, so that those on the axis differ. */
  decimals: number;
}

/** Return the scale that holds a share of so many shots. */
export function scaleOf(most: number, shots: number, unit: Unit): Scale {
  const whole = unit === "share" ? 100 : Math.max(shots, 1);
  // no share is more than all; four shots are the least that four whole steps can be
  const top = unit === "share" ? Math.min(100, endOfAxis(100 * most)) : endOfAxis(whole * most);
  const quarter = top / 4;
  // of quarters such as 12.5 and 0.004 as many as they have
  const decimals = quarter.toFixed(12).replace(/0+$/, "").split(".")[1]?.length ?? 0;
  const ticks = [0, 1, 2, 3, 4].map((i) => number(i * quarter, i === 0 ? 0 : decimals));
  if (unit === "share") ticks[4] += `${THIN}%`;
  const end = top / whole;
  return { unit, end, ticks, decimals: shareDecimals(end) };
}

/** Return the decimals of shares in per cent, so that the largest of them has two digits. */
export function shareDecimals(most: number): number {
  return Math.max(1, 1 - Math.floor(Math.log10(100 * most || 1)));
}

interface HeadProps {
  entry: Pick<Entry, "register" | "num_bits">;
  scale: Scale;
  versus: string | null;
  /** Whether only screen readers hear of it: few bars need no scale. */
  hidden: boolean;
}

/** More letters than a narrow axis has room for, five times beside each other. */
const LONG = 4;

export function Head({ entry, scale, versus, hidden }: HeadProps) {
  const long = scale.ticks.slice(0, -1).some((tick) => tick.length > LONG);
  const ax = long ? "qjw-ax qjw-ax-long" : "qjw-ax";
  return (
    <div class={hidden ? "qjw-said" : "qjw-cr qjw-ch"} role="row" aria-rowindex={1}>
      <span role="columnheader">
        {entry.register}[{entry.num_bits - 1}…0]
      </span>
      <span class={ax} role="columnheader" aria-label="Bar">
        {scale.ticks.map((tick, i) => (
          <span key={i} style={{ left: `${25 * i}%` }} aria-hidden="true">
            {tick}
          </span>
        ))}
      </span>
      <span class="qjw-num" role="columnheader">
        Counts
      </span>
      <span class="qjw-num" role="columnheader">
        Share
      </span>
      {versus !== null && (
        <span
          class="qjw-num qjw-ct-d"
          role="columnheader"
          title={`Share minus that of ${versus}, in percentage points`}
        >
          Δ <span class="qjw-clip">{versus}</span>
        </span>
      )}
    </div>
  );
}
