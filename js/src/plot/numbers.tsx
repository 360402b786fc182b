/** The numbers behind the curves, as a table: for those who can't see them, and to take away. */
import { useMemo, useState } from "preact/hooks";
import { csvOf } from "../lib/csv.ts";
import { useCopy } from "../lib/parts.tsx";
import { number } from "../lib/words.ts";
import { nearest } from "./columns.ts";
import type { Curve, Panel } from "./curves.ts";

const PAGE = 100;

interface NumbersProps {
  panels: readonly Panel[];
  xLabel: string;
  height: number;
}

/** The values as they were when this was opened: a table that grows can't be read. */
export function Numbers({ panels, xLabel, height }: NumbersProps) {
  const [shown] = useState(panels);
  const curves = useMemo(() => shown.flatMap((panel) => panel.curves), [shown]);
  const decimals = shown.flatMap((panel) => panel.curves.map(() => panel.decimals));
  const xs = useMemo(() => unionOf(curves), [curves]);
  const [page, turn] = useState(Math.max(0, Math.ceil(xs.length / PAGE) - 1));
  const [copied, copy] = useCopy(() => asCsv(curves, xs, xLabel));
  const rows = xs.slice(page * PAGE, (page + 1) * PAGE);
  const heads = curves.map((curve) => curve.name || curve.field.name);
  return (
    <div class="qjw-p-nums" style={{ height: `${height}px` }}>
      <div class="qjw-p-nums-bar">
        <span>
          {rows.length === 0
            ? "0 rows"
            : `rows ${number(page * PAGE + 1)}–${number(page * PAGE + rows.length)} of ${number(xs.length)}`}
        </span>
        <button type="button" class="qjw-btn" disabled={page === 0} onClick={() => turn(page - 1)}>
          Earlier
        </button>
        <button
          type="button"
          class="qjw-btn"
          disabled={(page + 1) * PAGE >= xs.length}
          onClick={() => turn(page + 1)}
        >
          Later
        </button>
        <span class="qjw-grow" />
        <button type="button" class="qjw-btn" onClick={copy}>
          {copied ? "Copied" : "Copy CSV"}
        </button>
      </div>
      <section class="qjw-p-nums-rows" tabIndex={0} aria-label="Values">
        <table>
          <thead>
            <tr>
              {[xLabel, ...heads].map((head) => (
                <th scope="col">{head}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {[...rows].map((x) => (
              <tr key={x}>
                <td>{number(x)}</td>
                {curves.map((curve, i) => (
                  <td>{number(valueAt(curve, x), decimals[i])}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}

/** Return where any of the curves has a point. */
function unionOf(curves: readonly Curve[]): Float64Array {
  const [first] = curves;
  if (first === undefined) return new Float64Array();
  if (curves.every(({ source }) => source === first.source)) return first.x;
  return Float64Array.from(new Set(curves.flatMap(({ x }) => [...x]))).sort();
}

function valueAt(curve: Curve, x: number): number {
  const index = nearest(curve.x, x);
  return curve.x[index] === x ? (curve.value[index] as number) : Number.NaN;
}

/** Return all values, with all their digits. */
function asCsv(curves: readonly Curve[], xs: Float64Array, xLabel: string): string {
  const ids = curves.length === 1 ? (curves[0]?.ids ?? []) : [];
  const named = ids.length > 0;
  const heads = [xLabel, ...curves.map((curve) => curve.name || curve.field.name)];
  const lines = Array.from(xs, (x, row) => {
    const values = curves.map((curve) => valueAt(curve, x));
    return [x, ...values, ...(named ? [ids[row]] : [])];
  });
  return csvOf([[...heads, ...(named ? ["job"] : [])], ...lines]);
}
