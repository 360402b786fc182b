/** The pane in which two jobs are compared: what they differ in, and how far their counts do. */
import { useState } from "preact/hooks";
import { FIDELITY, noiseOf, VARIATION } from "../counts/distances.ts";
import { count, number, shortId } from "../lib/words.ts";
import type { Comparison } from "./model.ts";
import type { PaneProps } from "./pane.tsx";

export function ComparePane(props: PaneProps) {
  const [all, setAll] = useState(false);
  const other = props.traits.other.value;
  if (!other) return <div class="qjw-k-none qjw-2">There is no job to compare with.</div>;
  const differing = other.rows.filter(([, one, two]) => one !== two);
  const shown = all ? other.rows : differing;
  return (
    <>
      <div class="qjw-k-pub">
        <span>
          {differing.length === 0 ? "No difference" : count(differing.length, "difference")}
          {other.loading && ", fetching more…"}
        </span>
        <span class="qjw-grow" />
        <button type="button" class="qjw-btn" onClick={() => setAll(!all)}>
          {all ? "Show differences only" : `Show all ${number(other.rows.length)}`}
        </button>
      </div>
      <table class="qjw-k-table qjw-k-cmp">
        <thead>
          <tr>
            <th scope="col" />
            <th scope="col" class="qjw-id">
              {shortId(props.row.id)}
            </th>
            <th scope="col" class="qjw-id">
              {shortId(other.job.id)}
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map(([label, one, two]) => (
            <tr key={label} class={one === two ? undefined : "qjw-k-diff"}>
              <th scope="row">{label}</th>
              <td>{one}</td>
              <td>{two}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {other.distances.length > 0 && <Distances rows={other.distances} />}
    </>
  );
}

/** How far the counts of the two jobs are apart. */
function Distances({ rows }: { rows: Comparison["distances"] }) {
  return (
    <table class="qjw-k-table qjw-k-far">
      <thead>
        <tr>
          <th scope="col">Counts</th>
          <th scope="col" class="qjw-num" title={FIDELITY}>
            Hellinger fidelity
          </th>
          <th scope="col" class="qjw-num" title={VARIATION}>
            Total variation
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([label, fidelity, error, variation]) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            <td class="qjw-num">
              {number(fidelity, 3)} <span class="qjw-2">{noiseOf(error)}</span>
            </td>
            <td class="qjw-num">{number(variation, 3)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
