/**
 * A plot of jobs' numbers as a component, for the widget InterimPlot and for views that hold one.
 * The legend is the readout of the points under the pointer, or of the last ones; nothing floats
 * over the data.
 */
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { type Cell, useCells, usePaced } from "../lib/cell.ts";
import type { Present } from "../lib/live.ts";
import type { Model } from "../lib/model.ts";
import { FreshMark, IconButton, JobBadge, Prose, Trouble, useCopy } from "../lib/parts.tsx";
import { isFinal } from "../lib/status.ts";
import { number, shortId } from "../lib/words.ts";
import { Canvas, heightOf } from "./canvas.tsx";
import { nearest } from "./columns.ts";
import { type Panel, panelsOf } from "./curves.ts";
import { type Axis, type Facts, factsOf } from "./facts.ts";
import { Legend } from "./legend.tsx";
import { Numbers } from "./numbers.tsx";
import { amount, interruption, nothingYet, spoken } from "./phrases.ts";
import { FieldPick } from "./picker.tsx";
import { countOf, type PlotStore, type Points } from "./store.ts";

export interface PlotProps {
  model: Model;
  store: PlotStore;
  present: Present;
  /** The traits `plot` and `scale`. */
  facts: Cell<unknown>;
  scale: Cell<unknown>;
  onHost: (react: () => void) => () => void;
  /** Whether the plot stands in a view that names its job and says how fresh it is. */
  within?: boolean;
}

/** Milliseconds between two readouts, as quick as one can read; of a plot that is paused. */
const READ_EVERY = 250;
const READ_EVERY_PAUSED = 1000;
/** Milliseconds between two texts for screen readers. */
const SAY_EVERY = 3000;

const areOther = (one: Points, other: Points): boolean => one.shown.join() !== other.shown.join();

export function Plot(props: PlotProps) {
  const { model, store, present, onHost } = props;
  /** The points drawn while paused; null while they are drawn as they come. */
  const [held, hold] = useState<Points | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const [picked, pick] = useState<string | null>(null);
  const [tabular, setTabular] = useState(false);
  const [place, width] = useWidth();
  useCells(props.facts, props.scale, present.fresh, present.now);
  const pace = held ? READ_EVERY_PAUSED : READ_EVERY;
  const newest = usePaced(store.points, pace, present.seen, areOther);
  const said = usePaced(store.points, SAY_EVERY, present.seen, areOther);
  const facts = useMemo(() => factsOf(props.facts.value), [props.facts.value]);
  const axis = (props.scale.value as Axis | null) ?? "linear";
  const panelsFor = usePanels(facts, axis);
  // what was held is of other fields than those that have come since
  const paused = held !== null && !areOther(held, newest);
  // a point under the pointer may be younger than the last readout
  const points = paused ? held : at === null ? newest : store.points.value;
  const panels = panelsFor(points);
  const told = paused ? held : said;
  const label = useMemo(() => spoken(panelsFor(told), facts.x_label), [panelsFor, told]);
  const received = countOf(newest);
  const going = facts.sources.some(({ group, stream, job }) =>
    group
      ? group.done + group.failed + group.cancelled < group.jobs
      : stream !== "ended" && !isFinal(job?.status ?? ""),
  );
  const gone = present.fresh.value.state === "gone";
  const ids = newest.tracks[0]?.ids ?? [];
  const pickScale = (picked: Axis): void => {
    model.set("scale", picked);
    model.save_changes();
  };
  const onClick = (x: number): void => {
    const track = points.tracks[0];
    if (track && ids.length > 0) pick(track.ids[nearest(track.seq, x)] ?? null);
  };
  return (
    <div ref={place}>
      <Bar facts={facts} points={points} now={present.now.value} within={props.within ?? false}>
        {paused && (
          <span class="qjw-2 qjw-sm">paused, {number(received - countOf(points))} new</span>
        )}
        {!gone && (
          <FieldPick
            fields={facts.fields.map(({ name }) => name)}
            wanted={store.wanted}
            onChoose={store.choose}
          />
        )}
        {received > 0 && <ScalePick facts={facts} points={points} axis={axis} onPick={pickScale} />}
        {received > 0 && (paused || going) && (
          <IconButton
            icon={paused ? "play" : "pause"}
            label={paused ? "Resume" : "Pause"}
            onClick={() => hold(paused ? null : store.points.value)}
          />
        )}
      </Bar>
      {!props.within && <Trouble fresh={present.fresh.value} model={model} />}
      <Failures facts={facts} />
      {received === 0 ? (
        <p class="qjw-p-none">
          <Prose text={nothingYet(facts)} />
        </p>
      ) : (
        <>
          <Legend panels={panels} at={at} />
          {tabular ? (
            <Numbers
              key={points.shown.join()}
              panels={panels}
              xLabel={facts.x_label}
              height={panels.length * heightOf(panels.length, width) + 18}
            />
          ) : (
            <Canvas
              panels={panels}
              xLabel={facts.x_label}
              label={label}
              at={at}
              width={width}
              growing={paused ? null : store.points}
              newest={() => panelsFor(paused ? held : store.points.value)}
              seen={present.seen}
              onRead={setAt}
              onClick={onClick}
              onHost={onHost}
            />
          )}
        </>
      )}
      <div class="qjw-foot">
        <span>{amount(points, facts)}</span>
        {received > 0 && (
          <button
            type="button"
            class="qjw-btn"
            aria-pressed={tabular}
            onClick={() => setTabular(!tabular)}
          >
            Data
          </button>
        )}
        {picked && <PickedJob id={picked} />}
        <Interruption facts={facts} />
        <span class="qjw-grow" />
        {!props.within && <FreshMark fresh={present.fresh.value} now={present.now.value} />}
      </div>
    </div>
  );
}

/** Return what makes panels of points, which are the same while they are of the same points. */
function usePanels(facts: Facts, axis: Axis): (points: Points) => Panel[] {
  return useMemo(() => {
    let last: { points: Points; panels: Panel[] } | null = null;
    return (points) => {
      if (last?.points !== points) last = { points, panels: panelsOf(points, facts, axis) };
      return last.panels;
    };
  }, [facts, axis]);
}

/** Return a place to measure, and its width. */
function useWidth() {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(760);
  useEffect(() => {
    const sizes = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 760));
    sizes.observe(place.current as HTMLDivElement);
    return () => sizes.disconnect();
  }, []);
  return [place, width] as const;
}

interface BarProps {
  facts: Facts;
  points: Points;
  now: number;
  within: boolean;
  children: ComponentChildren;
}

function Bar({ facts, points, now, within, children }: BarProps) {
  const [source] = facts.sources;
  const job = facts.sources.length === 1 ? source?.job : null;
  const fields = points.shown.join(", ");
  const title = source?.group
    ? `${fields || "Jobs"} of ${source.label}`
    : `Interim ${fields || "results"}`;
  return (
    <div class="qjw-bar">
      <span class="qjw-title">{title}</span>
      {!within && job?.id && (
        <span class="qjw-id qjw-hide-s" title={job.id}>
          {shortId(job.id)}
        </span>
      )}
      {facts.sources.length > 1 && <span class="qjw-2">{facts.sources.length} jobs</span>}
      <span class="qjw-grow" />
      {!within && job?.id && <JobBadge row={job} now={now} />}
      {children}
    </div>
  );
}

const SCALES: readonly (readonly [Axis, string])[] = [
  ["linear", "linear"],
  ["log", "log"],
  ["error", "log error"],
];

interface ScalePickProps {
  facts: Facts;
  points: Points;
  axis: Axis;
  onPick: (axis: Axis) => void;
}

/** Which scale; only those that would change something. */
function ScalePick({ facts, points, axis, onPick }: ScalePickProps) {
  const shown = facts.fields.filter(({ name }) => points.shown.includes(name));
  const positive = points.tracks.some(({ values }) =>
    values.some((column) => column.length > 0 && column.every((v) => !(v <= 0))),
  );
  const can = {
    linear: true,
    log: positive || axis === "log",
    error: shown.some(({ reference }) => reference !== null),
  };
  const offered = SCALES.filter(([name]) => can[name]);
  if (offered.length < 2) return null;
  return (
    <fieldset class="qjw-p-seg">
      <legend class="qjw-said">Scale</legend>
      {offered.map(([name, text]) => (
        <button type="button" aria-pressed={name === axis} onClick={() => onPick(name)}>
          {text}
        </button>
      ))}
    </fieldset>
  );
}

/** Why jobs have failed, or why nothing more is known of them. */
function Failures({ facts }: { facts: Facts }) {
  const told = facts.sources.flatMap(({ job, label, message, group }) => {
    const name = facts.sources.length > 1 ? `${label}: ` : "";
    if (job?.status === "ERROR" && job.reason) {
      return [{ name, why: job.reason, advice: job.advice ?? "" }];
    }
    return group && message ? [{ name, why: message, advice: "" }] : [];
  });
  return (
    <>
      {told.map(({ name, why, advice }) => (
        <div class="qjw-note">
          <span>
            {name}
            <span class="qjw-fail">{why}</span> <Prose text={advice} />
          </span>
        </div>
      ))}
    </>
  );
}

function Interruption({ facts }: { facts: Facts }) {
  const found = interruption(facts.sources);
  return found && <span class={found.now ? "qjw-wait" : undefined}>{found.text}</span>;
}

/** The job of the point that was clicked. */
function PickedJob({ id }: { id: string }) {
  const [copied, copy] = useCopy(() => id);
  return (
    <span class="qjw-p-picked">
      job <span class="qjw-id">{id}</span>
      <IconButton icon={copied ? "check" : "copy"} label="Copy id" onClick={copy} />
    </span>
  );
}
