/** The legend, which is the readout: of the points under the pointer, else of the last ones. */
import type { ComponentChildren } from "preact";
import { number, shortId } from "../lib/words.ts";
import { nearest } from "./columns.ts";
import type { Curve, Panel } from "./curves.ts";
import { EXACT } from "./facts.ts";
import { colourOf, dashOf } from "./palette.ts";
import { distance, quantity } from "./scale.ts";

interface LegendProps {
  panels: readonly Panel[];
  /** Where to read; null for the last point of each curve. */
  at: number | null;
}

export function Legend({ panels, at }: LegendProps) {
  const curves = panels.flatMap((panel) => panel.curves);
  const [only] = curves;
  const job = at === null || only === undefined ? undefined : only.ids[nearest(only.x, at)];
  return (
    <div class="qjw-leg" role="status" aria-live={at === null ? "off" : "polite"}>
      {panels.map((panel) =>
        panel.curves.map((curve) =>
          curves.length === 1 ? (
            <Alone curve={curve} panel={panel} at={at} />
          ) : (
            <Among curve={curve} panel={panel} at={at} />
          ),
        ),
      )}
      {curves.length > 1 &&
        panels.flatMap((panel) =>
          panel.references.map((value) => (
            <Entry
              swatch={<Stroke class="qjw-sw-ref" />}
              name={EXACT}
              value={number(value, panel.decimals)}
            />
          )),
        )}
      {job && (
        <span>
          job <span class="qjw-id">{shortId(job)}</span>
        </span>
      )}
    </div>
  );
}

/** Return the index of the point to read; -1 where there is none. */
function indexAt(curve: Curve, at: number | null): number {
  if (at === null) return curve.x.length - 1;
  const index = nearest(curve.x, at);
  // a curve that has ended before, or begins later, has nothing to say there
  return curve.x[index] === at ? index : -1;
}

function Alone({ curve, panel, at }: { curve: Curve; panel: Panel; at: number | null }) {
  const { field } = curve;
  const i = indexAt(curve, at);
  const { decimals } = panel;
  const value = curve.value[i] ?? Number.NaN;
  const reached = curve.best[i] ?? Number.NaN;
  const [first] = curve.attempts;
  return (
    <>
      {field.goal !== null && (
        <Entry swatch={<Swatch curve={curve} />} name="best" value={number(reached, decimals)} />
      )}
      <Entry
        swatch={field.goal === null ? <Swatch curve={curve} /> : <Dots />}
        name="value"
        value={number(value, decimals)}
      />
      {field.reference !== null && (
        <>
          <Entry
            swatch={<Stroke class="qjw-sw-ref" />}
            name={EXACT}
            value={number(field.reference, decimals)}
          />
          <Entry name="error" value={distance(Math.abs(reached - field.reference), field.unit)} />
        </>
      )}
      {first && <Entry swatch={<Stroke class="qjw-sw-old" />} name={earlierName(curve.attempts)} />}
    </>
  );
}

function Among({ curve, panel, at }: { curve: Curve; panel: Panel; at: number | null }) {
  const { field } = curve;
  const reached = curve.best[indexAt(curve, at)] ?? Number.NaN;
  const error = panel.axis === "error" && field.reference !== null;
  const text = error
    ? distance(Math.abs(reached - (field.reference as number)), field.unit)
    : quantity(reached, panel.decimals, field.unit);
  return <Entry swatch={<Swatch curve={curve} />} name={curve.name} value={text} />;
}

function earlierName(attempts: Curve["attempts"]): string {
  const [first, last] = [attempts[0]?.number ?? 2, attempts.at(-1)?.number ?? 2];
  return last > first ? `attempts ${first - 1}–${last - 1}` : `attempt ${first - 1}`;
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

/** The look of one curve: its colour and its dash. */
function Swatch({ curve }: { curve: { slot: number } }) {
  return (
    <svg class="qjw-sw" viewBox="0 0 14 8" aria-hidden="true">
      <path
        d="M0 4H14"
        style={{ stroke: colourOf(curve.slot), strokeDasharray: dashOf(curve.slot).join(" ") }}
      />
    </svg>
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
