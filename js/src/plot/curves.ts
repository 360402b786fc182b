/**
 * What is drawn of the points: curves, panel by panel. Pure.
 *
 * One job is drawn with all its attempts, the earlier ones in grey. Several jobs are compared by
 * evaluation number, each in its latest attempt, counted from 1; a curve that is no first attempt
 * says so.
 */
import { type Axis, type Facts, type Field, fieldOf, type Goal, type Source } from "./facts.ts";
import { decimalsFor } from "./scale.ts";
import type { Points, Track } from "./store.ts";

/** A stretch of messages that did not arrive, between two that did. */
export interface Gap {
  from: number;
  to: number;
  missed: number;
}

export interface Curve {
  field: Field;
  source: Source;
  /** What tells it from the others; empty where there is one alone. */
  name: string;
  /** Which colour and which dash it has. */
  slot: number;
  x: Float64Array;
  /** Values and running best as they came; without a goal the best is the value. */
  value: Float64Array;
  best: Float64Array;
  /** Heights of both on the axis; NaN for none. */
  y: Float64Array;
  yBest: Float64Array;
  /** Indices at which lines break. */
  breaks: ReadonlySet<number>;
  /** Index of the first point of the latest attempt. */
  from: number;
  attempts: { at: number; number: number }[];
  /** Which attempt it is, of a compared job that was begun anew; else null. */
  again: number | null;
  gaps: Gap[];
  ids: readonly string[];
  /** Whether more may come. */
  open: boolean;
}

export interface Panel {
  key: string;
  title: string;
  unit: string;
  curves: Curve[];
  references: number[];
  /** "linear" where a log scale was asked for in vain. */
  axis: Axis;
  refused: boolean;
  /** The least and the greatest height of curves, and of references on a linear axis. */
  span: [low: number, high: number];
  /** How many decimals tell the values apart. */
  decimals: number;
}

/** Return the best value so far at each point, starting anew with each attempt. */
export function runningBest(
  value: Float64Array,
  goal: Goal,
  starts: ReadonlySet<number>,
): Float64Array {
  if (goal === null) return value;
  const best = new Float64Array(value.length);
  let reached = Number.NaN;
  for (let i = 0; i < value.length; i++) {
    if (starts.has(i)) reached = Number.NaN;
    const own = value[i] as number;
    // an infinity says that something went wrong, and is no best
    if (Number.isFinite(own) && !(goal === "min" ? own >= reached : own <= reached)) reached = own;
    best[i] = reached;
  }
  return best;
}

/** Return what values are on an axis: themselves, or a logarithm, of the distance or of them. */
export function heights(value: Float64Array, axis: Axis, reference: number | null): Float64Array {
  const zero = axis === "error" ? (reference ?? 0) : 0;
  const y = new Float64Array(value.length);
  for (let i = 0; i < value.length; i++) {
    const v = value[i] as number;
    const d = axis === "error" ? Math.abs(v - zero) : v;
    if (axis === "linear") y[i] = Number.isFinite(v) ? v : Number.NaN;
    else y[i] = d > 0 && d < Infinity ? Math.log10(d) : Number.NaN;
  }
  return y;
}

/** Return the panels of a plot, in the order of its fields. */
export function panelsOf(points: Points, facts: Facts, wanted: Axis): Panel[] {
  const panels = new Map<string, Panel>();
  const fields = points.shown.map((name) => fieldOf(facts, name));
  for (const [column, field] of fields.entries()) {
    const panel = panels.get(field.panel) ?? panelOf(field, fields);
    panels.set(field.panel, panel);
    for (const [i, track] of points.tracks.entries()) {
      const source = facts.sources[i];
      if (source) panel.curves.push(curveOf(points, facts, track, source, column, i));
    }
    if (field.reference !== null && !panel.references.includes(field.reference)) {
      panel.references.push(field.reference);
    }
  }
  for (const panel of panels.values()) place(panel, wanted);
  return [...panels.values()];
}

function panelOf(field: Field, fields: Field[]): Panel {
  const together = fields.filter((other) => other.panel === field.panel);
  const title = together.length === 1 || field.panel === field.unit ? field.name : field.panel;
  return {
    key: field.panel,
    title: field.panel === field.unit ? together.map(({ name }) => name).join(", ") : title,
    unit: field.unit,
    curves: [],
    references: [],
    axis: "linear",
    refused: false,
    span: [Infinity, -Infinity],
    decimals: 0,
  };
}

function curveOf(
  points: Points,
  facts: Facts,
  track: Track,
  source: Source,
  column: number,
  index: number,
): Curve {
  const field = fieldOf(facts, points.shown[column] as string);
  const several = points.tracks.length > 1;
  const from = track.attempts.at(-1)?.[0] ?? 0;
  // compared jobs are drawn from their latest attempt on
  const cut = several ? from : 0;
  const shift = several ? (track.seq[from] ?? 1) - 1 : 0;
  const value = (track.values[column] ?? new Float64Array()).subarray(cut);
  const at = (i: number): number => (i < 0 ? 0 : (track.seq[i] ?? 0) - shift);
  const starts = new Set(track.attempts.map(([i]) => i - cut));
  const gaps = track.lost
    .filter(([i]) => i >= cut + Number(several))
    .map(([i, missed]) => ({ index: i - cut, from: at(i - 1), to: at(i), missed }));
  const names = [several ? source.label : "", points.shown.length > 1 ? field.name : ""];
  const attempt = track.attempts.at(-1)?.[1] ?? 1;
  const again = several && attempt > 1 ? attempt : null;
  return {
    field,
    source,
    name: names.filter(Boolean).join(" ") + (again ? `, attempt ${again}` : ""),
    slot: several ? index + column * points.tracks.length : column,
    x: shift === 0 ? track.seq.subarray(cut) : track.seq.subarray(cut).map((x) => x - shift),
    value,
    best: runningBest(value, field.goal, starts),
    y: value,
    yBest: value,
    breaks: new Set([...starts, ...gaps.map(({ index: i }) => i)]),
    from: from - cut,
    attempts: track.attempts.filter(([i]) => i > cut).map(([i, number]) => ({ at: at(i), number })),
    again,
    gaps,
    ids: track.ids.slice(cut),
    open: source.group === null && (source.stream === "open" || source.stream === "reconnecting"),
  };
}

/** Choose the panel's axis, put its curves on it, and see how far they reach. */
function place(panel: Panel, wanted: Axis): void {
  const { curves } = panel;
  const measured = curves.every(({ field }) => field.reference !== null);
  const positive = curves.every(({ value }) => value.every((v) => !(v <= 0)));
  if (wanted === "error" && measured) panel.axis = "error";
  if (wanted === "log" && positive) panel.axis = "log";
  panel.refused = wanted === "log" && !positive;
  for (const curve of curves) {
    curve.y = heights(curve.value, panel.axis, curve.field.reference);
    curve.yBest =
      curve.best === curve.value ? curve.y : heights(curve.best, panel.axis, curve.field.reference);
  }
  if (panel.axis === "error") panel.references = [];
  const linear = panel.axis === "linear";
  panel.span = reach([...curves.map(({ y }) => y), linear ? panel.references : []]);
  const [low, high] = linear ? panel.span : reach(curves.map(({ value }) => value));
  panel.decimals = decimalsFor(high - low);
}

/** Return the least and the greatest of all finite numbers. */
function reach(columns: Iterable<ArrayLike<number>>): [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (const column of columns) {
    for (let i = 0; i < column.length; i++) {
      const v = column[i] as number;
      if (v < low && v > -Infinity) low = v;
      if (v > high && v < Infinity) high = v;
    }
  }
  return [low, high];
}

/** Return where a curve is heading, from the last quarter of its points against the one before. */
export function trendOf({ best, from }: Curve): "falling" | "rising" | "steady" | null {
  const own = best.subarray(from).filter(Number.isFinite);
  const quarter = Math.floor(own.length / 4);
  if (quarter < 2) return null;
  const mean = (part: Float64Array) => part.reduce((sum, v) => sum + v, 0) / part.length;
  const change = mean(own.subarray(-quarter)) - mean(own.subarray(-2 * quarter, -quarter));
  let [low, high] = [Infinity, -Infinity];
  for (const v of own) [low, high] = [Math.min(low, v), Math.max(high, v)];
  if (Math.abs(change) <= 0.01 * (high - low)) return "steady";
  return change < 0 ? "falling" : "rising";
}
