/**
 * InterimPlot: a number of a job's interim results, growing while the job runs. The legend is the
 * readout of the point under the pointer, or of the last one; nothing floats over the data.
 */
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { type Cell, traitCell, useCells } from "./lib/cell.ts";
import { keepKey } from "./lib/keys.ts";
import { draw, type Present, presentOf } from "./lib/live.ts";
import type { Model, Row } from "./lib/model.ts";
import { FreshMark, IconButton, JobBadge, Pick, Trouble } from "./lib/parts.tsx";
import { isFinal } from "./lib/status.ts";
import { define, type View } from "./lib/widget.ts";
import { count, number, shortId } from "./lib/words.ts";
import { Chart, type Scene } from "./plot/chart.ts";
import { Legend } from "./plot/legend.tsx";
import { type Goal, gapsOf, type Points, runningBest } from "./plot/points.ts";
import { decimalsFor, quantity } from "./plot/scale.ts";
import { openStore, type PlotStore } from "./plot/store.ts";

/** The traits besides the points. */
interface Traits {
  job: Row | null;
  field: string;
  fields: string[];
  reference: number | null;
  reference_label: string;
  x_label: string;
  unit: string;
  goal: Goal;
  dropped: number;
  stream: "connecting" | "open" | "reconnecting" | "ended";
}

type Followed = { [Name in keyof Traits]: Cell<Traits[Name]> };

interface PlotProps {
  model: Model;
  store: PlotStore;
  present: Present;
  traits: Followed;
  onHost: (react: () => void) => () => void;
}

const KEYS: Record<string, number | null> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  PageUp: -10,
  PageDown: 10,
  Home: -Infinity,
  End: Infinity,
  Escape: null,
};

function Plot({ model, store, present, traits, onHost }: PlotProps) {
  /** The points drawn while paused; null while they are drawn as they come. */
  const [held, hold] = useState<Points | null>(null);
  const [at, setAt] = useState<number | null>(null);
  useCells(store.points, store.field, present.fresh, present.now, ...Object.values(traits));
  const points = held ?? store.points.value;
  const field = store.field.value;
  const received = store.points.value.seq.length;
  // the clock redraws the words each second, the curve only when something in it has changed
  const drawn = [points, ...SCENE_TRAITS.map((name) => traits[name].value)];
  const scene = useMemo(() => sceneOf(points, traits), drawn);
  const fresh = present.fresh.value;
  const pick = (name: string): void => {
    hold(null);
    store.pick(name);
  };
  return (
    <>
      <Bar
        traits={traits}
        field={field}
        now={present.now.value}
        onPick={fresh.state === "gone" ? null : pick}
      >
        {held && (
          <span class="qjw-2 qjw-sm">paused, {number(received - points.seq.length)} new</span>
        )}
        {received > 0 && (held || scene.open) && (
          <IconButton
            icon={held ? "play" : "pause"}
            label={held ? "Resume" : "Pause"}
            onClick={() => hold(held ? null : store.points.value)}
          />
        )}
      </Bar>
      <Trouble fresh={fresh} model={model} />
      {received === 0 ? (
        <p class="qjw-p-none">{nothingYet(traits)}</p>
      ) : (
        <>
          <Legend
            scene={scene}
            at={at}
            goal={traits.goal.value}
            unit={traits.unit.value}
            referenceLabel={traits.reference_label.value}
          />
          <Canvas scene={scene} traits={traits} field={field} onPoint={setAt} onHost={onHost} />
        </>
      )}
      <div class="qjw-foot">
        <span>{amount(received, scene)}</span>
        {traits.stream.value === "reconnecting" && <span class="qjw-wait">reconnecting</span>}
        <span class="qjw-grow" />
        <FreshMark fresh={fresh} now={present.now.value} />
      </div>
    </>
  );
}

interface BarProps {
  traits: Followed;
  /** Which field is drawn. */
  field: string;
  now: number;
  /** Draws another field; null when nobody could send it. */
  onPick: ((field: string) => void) | null;
  children: ComponentChildren;
}

function Bar({ traits, field, now, onPick, children }: BarProps) {
  const job = traits.job.value;
  return (
    <div class="qjw-bar">
      <span class="qjw-title">Interim {field || "results"}</span>
      {job?.id && (
        <span class="qjw-id qjw-hide-s" title={job.id}>
          {shortId(job.id)}
        </span>
      )}
      <span class="qjw-grow" />
      {job?.id && <JobBadge row={job} now={now} />}
      {onPick && <FieldPick traits={traits} onPick={onPick} />}
      {children}
    </div>
  );
}

function sceneOf(points: Points, traits: Followed): Scene {
  const reference = traits.reference.value;
  const best = runningBest(points, traits.goal.value);
  const decimals = decimalsFor(spanOf(points, reference));
  const text = reference === null ? "" : number(reference, decimals);
  return {
    points,
    best,
    decimals,
    gaps: gapsOf(points, traits.dropped.value),
    reference,
    referenceText: `${traits.reference_label.value} ${text}`,
    open: traits.stream.value === "open" && !isFinal(traits.job.value?.status ?? ""),
  };
}

/** Return the span of the values, with the reference. */
function spanOf({ value }: Points, reference: number | null): number {
  let [low, high] = reference === null ? [Infinity, -Infinity] : [reference, reference];
  for (const v of value) {
    if (!Number.isFinite(v)) continue;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return high - low;
}

function FieldPick({ traits, onPick }: { traits: Followed; onPick: (field: string) => void }) {
  const fields = traits.fields.value;
  if (fields.length < 2) return null;
  return (
    <Pick
      label="Field"
      value={traits.field.value}
      options={fields.map((name) => [name, name] as const)}
      onPick={onPick}
    />
  );
}

function nothingYet(traits: Followed): string {
  const status = traits.job.value?.status ?? "";
  if (isFinal(status) || traits.stream.value === "ended") return "This job sent no interim values.";
  if (status === "RUNNING") return "No interim values yet. The plot starts with the first.";
  return "No interim values yet. The plot starts when the job runs.";
}

/** "172 values", or how many there are of those that were sent. */
function amount(received: number, scene: Scene): string {
  const missed = scene.gaps.reduce((sum, gap) => sum + gap.missed, 0);
  if (missed === 0) return count(received, "value");
  return `${number(received)} of ${count(received + missed, "value")}`;
}

/** What the picture says, for those who can't see it. */
function spoken(scene: Scene, traits: Followed, field: string): string {
  const { seq, value } = scene.points;
  const say = (v: number | undefined) =>
    quantity(v ?? Number.NaN, scene.decimals, traits.unit.value);
  const best = traits.goal.value === null ? "" : `, best ${say(scene.best.at(-1))}`;
  return `${field || "value"} against ${traits.x_label.value}, ${count(seq.length, "value")}${best}, last ${say(value.at(-1))}`;
}

interface CanvasProps {
  scene: Scene;
  traits: Followed;
  field: string;
  onPoint: (index: number | null) => void;
  onHost: (react: () => void) => () => void;
}

/** The chart, which arrow keys read point by point. */
function Canvas({ scene, traits, field, onPoint, onHost }: CanvasProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | null>(null);
  useLayoutEffect(() => {
    const opened = new Chart(place.current as HTMLDivElement, onPoint);
    chart.current = opened;
    const deaf = onHost(() => opened.recolour());
    return () => {
      deaf();
      opened.close();
    };
  }, [onPoint, onHost]);
  useEffect(() => {
    // several changes within a frame are drawn once
    const frame = requestAnimationFrame(() => chart.current?.draw(scene));
    return () => cancelAnimationFrame(frame);
  }, [scene]);
  const onKeyDown = (event: KeyboardEvent): void => {
    keepKey(event, (key) => {
      const step = KEYS[key];
      if (step !== undefined) chart.current?.move(step);
      return step !== undefined;
    });
  };
  return (
    <div class="qjw-p" data-lm-suppress-shortcuts>
      <span class="qjw-p-y" aria-hidden="true">
        {[field, traits.unit.value].filter(Boolean).join(", ")}
      </span>
      <div
        class="qjw-p-place"
        ref={place}
        role="img"
        aria-label={spoken(scene, traits, field)}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={() => chart.current?.move(null)}
      />
      <span class="qjw-p-x" aria-hidden="true">
        {traits.x_label.value}
      </span>
    </div>
  );
}

/** Those of the traits that change the picture. */
const SCENE_TRAITS = ["goal", "reference", "reference_label", "dropped", "stream", "job"] as const;

const NAMES = [
  "job",
  "field",
  "fields",
  "reference",
  "reference_label",
  "x_label",
  "unit",
  "goal",
  "dropped",
  "stream",
] as const satisfies readonly (keyof Traits)[];

function mount(store: PlotStore, model: Model, view: View): void {
  const traits = Object.fromEntries(NAMES.map((name) => [name, traitCell(model, name)]));
  const count = (): void => {
    view.root.dataset.points = String(store.points.value.seq.length);
  };
  view.onLeave(store.points.onChange(count));
  count();
  draw(
    view,
    <Plot
      model={model}
      store={store}
      present={presentOf(model, view)}
      traits={traits as Followed}
      onHost={view.onHost}
    />,
  );
}

export default define(openStore, mount);
