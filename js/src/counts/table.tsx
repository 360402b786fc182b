/** The same outcomes as a plain table: for screen readers, and for copying a part. */
import { number, percent } from "../lib/words.ts";
import { type Measured, type Outcomes, points } from "./bars.tsx";
import { noise, type Outcome, type Rest } from "./outcomes.ts";

/** More rows than this are for a file, not for a page. */
const MOST = 1024;

interface DataTableProps {
  entry: Measured;
  outcomes: Outcomes;
  rest: Rest | null;
  versus: string | null;
}

export function DataTable({ entry, outcomes, rest, versus }: DataTableProps) {
  const { register, shots } = entry;
  const n = Math.min(outcomes.length, MOST);
  return (
    <section
      class="qjw-ct-scroll qjw-ct-table"
      aria-label="Data table"
      tabIndex={0}
      data-lm-suppress-shortcuts
    >
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
          {Array.from({ length: n }, (_, i) => {
            const outcome = outcomes.at(i) as Outcome;
            return <Line key={outcome.bits} name={outcome.bits} {...{ outcome, shots, versus }} />;
          })}
          {rest && <Line key="other" name="other" outcome={rest} {...{ shots, versus }} />}
        </tbody>
      </table>
      {outcomes.length > n && (
        <p class="qjw-2">The first {number(n)} outcomes. Copy CSV has all.</p>
      )}
    </section>
  );
}

interface LineProps {
  name: string;
  outcome: Pick<Outcome, "count" | "expected">;
  shots: number;
  versus: string | null;
}

function Line({ name, outcome: { count, expected }, shots, versus }: LineProps) {
  const share = count / shots;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{number(count)}</td>
      <td>{percent(share)}</td>
      <td>± {percent(noise(share, shots))}</td>
      {versus !== null && (
        <>
          <td>{expected === undefined ? "" : percent(expected)}</td>
          <td>{expected === undefined ? "" : points(share - expected)}</td>
        </>
      )}
    </tr>
  );
}
