/** The legend, which is the readout: of the point under the pointer, else of the last one. */
import type { ComponentChildren } from "preact";
import { number } from "../lib/words.ts";
import type { Scene } from "./chart.ts";
import type { Goal } from "./points.ts";
import { distance } from "./scale.ts";

interface LegendProps {
  scene: Scene;
  /** Index of the point to read; null for the last. */
  at: number | null;
  goal: Goal;
  unit: string;
  referenceLabel: string;
}

export function Legend({ scene, at, goal, unit, referenceLabel }: LegendProps) {
  const { points, best, decimals, reference } = scene;
  const i = Math.min(at ?? Infinity, points.seq.length - 1);
  const value = points.value[i] ?? Number.NaN;
  const reached = goal === null ? value : (best[i] ?? Number.NaN);
  const earlier = points.attempt[0] !== points.attempt.at(-1);
  return (
    <div class="qjw-leg" role="status" aria-live={at === null ? "off" : "polite"}>
      {goal !== null && (
        <Entry
          swatch={<Stroke class="qjw-sw-best" />}
          name="best"
          value={number(reached, decimals)}
        />
      )}
      <Entry
        swatch={goal === null ? <Stroke class="qjw-sw-best" /> : <Dots />}
        name="value"
        value={number(value, decimals)}
      />
      {reference !== null && (
        <>
          <Entry
            swatch={<Stroke class="qjw-sw-ref" />}
            name={referenceLabel}
            value={number(reference, decimals)}
          />
          <Entry name="error" value={distance(Math.abs(reached - reference), unit)} />
        </>
      )}
      {earlier && (
        <Entry swatch={<Stroke class="qjw-sw-old" />} name={earlierName(points.attempt)} />
      )}
    </div>
  );
}

function earlierName(attempt: Float64Array): string {
  const last = (attempt.at(-1) as number) - 1;
  return last > (attempt[0] as number) ? `attempts ${attempt[0]}–${last}` : `attempt ${attempt[0]}`;
}

function Entry(props: { swatch?: ComponentChildren; name: string; value?: string }) {
  return (
    <span>
      {props.swatch}
      {props.name}
      {/* room for a digit and a sign more, so that growing numbers move nothing */}
      {props.value && <b style={{ minWidth: `${props.value.length}ch` }}>{props.value}</b>}
    </span>
  );
}

function Stroke({ class: name }: { class: string }) {
  return (
    <svg class={`qjw-sw ${name}`} viewBox="0 0 14 8" aria-hidden="true">
      <path d="M0 4H14" />
    </svg>
  );
}

function Dots() {
  return (
    <svg class="qjw-sw qjw-sw-dots" viewBox="0 0 14 8" aria-hidden="true">
      <circle cx="3" cy="5" r="1.6" />
      <circle cx="8" cy="3" r="1.6" />
      <circle cx="12" cy="6" r="1.6" />
    </svg>
  );
}
