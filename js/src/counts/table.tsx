/** The same outcomes as a plain table: for screen readers, and for copying a part. */
import { useEffect, useState } from "preact/hooks";
import { number, percent } from "../lib/words.ts";
import { shareDecimals } from "./axis.tsx";
import { type Measured, type Outcomes, points } from "./bars.tsx";
import { noise, type Outcome, type Rest } from "./outcomes.ts";

/** More rows than this are for a file, not for a page. */
const MOST = 1024;
/** Rows that are drawn in one go: all of them together would hold up the page. */
const PART = 128;

interface DataTableProps {
  entry: Measured;
  /** The largest share there is. */
  most: number;
  outcomes: Outcomes;
  rest: Rest | null;
  versus: string | null;
}

export function DataTable({ entry, most, outcomes, rest, versus }: DataTableProps) {
  const { register, shots } = entry;
  const n = Math.min(outcomes.length, MOST);
  const drawn = useParts(n);
  const line = { shots, versus, decimals: shareDecimals(most) };
  return (
    <section class="qjw-ct-scroll qjw-ct-table" aria-label="Data table" tabIndex={0}>
      <table>
        <caption class="qjw-said">
          Counts of {register}, {number(shots)} shots
        </caption>
        <thead>
          <tr>
            <th scope="col">Outcome</th>
            <th scope="col">Counts</th>
            <th scope="col">Share</th>
            <th scope="col">Shot noise</th>
            {versus !== null && (
              <>
                <th scope="col">{versus}</th>
                <th scope="col">Difference</th>
              </>
            )}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: drawn }, (_, i) => {
            const outcome = outcomes.at(i) as Outcome;
            return <Line key={outcome.bits} name={outcome.bits} outcome={outcome} {...line} />;
          })}
          {rest && drawn === n && <Line key="other" name="other" outcome={rest} {...line} />}
        </tbody>
      </table>
      {outcomes.length > n && (
        <p class="qjw-2">The first {number(n)} outcomes. Copy CSV has all.</p>
      )}
    </section>
  );
}

/**
 * Return how many of `n` rows to draw: part after part, until all are there. Where there are fewer
 * than were drawn, the parts that went come one by one when they are asked for again.
 */
function useParts(n: number): number {
  const [parts, draw] = useState(1);
  const all = Math.max(1, Math.ceil(n / PART));
  if (parts > all) draw(all);
  useEffect(() => {
    if (parts >= all) return undefined;
    const timer = setTimeout(() => draw(parts + 1));
    return () => clearTimeout(timer);
  }, [parts, all]);
  return Math.min(n, parts * PART);
}

interface LineProps {
  name: string;
  outcome: Pick<Outcome, "count" | "expected">;
  shots: number;
  versus: string | null;
  /** Those of shares in per cent. */
  decimals: number;
}

function Line({ name, outcome: { count, expected }, shots, versus, decimals }: LineProps) {
  const share = count / shots;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{number(count)}</td>
      <td>{percent(share, decimals)}</td>
      <td>± {percent(noise(share, shots), decimals)}</td>
      {versus !== null && (
        <>
          <td>{expected === undefined ? "" : percent(expected, decimals)}</td>
          <td>{expected === undefined ? "" : points(share - expected, decimals)}</td>
        </>
      )}
    </tr>
  );
}
