/**
 * The drawing of an interim plot on uPlot: dots for values, a line for the running best, earlier
 * attempts in grey, a band where values are missing, a dashed line for the reference.
 *
 * Canvas knows no CSS variables, so colours are read from the root when the theme changes. What
 * follows the pointer is laid over the canvas as elements and costs no redraw.
 */
import uPlot from "uplot";
import { number } from "../lib/words.ts";
import { paintUnder } from "./marks.ts";
import { type Palette, readPalette } from "./palette.ts";
import {
  attemptStarts,
  type Columns,
  columnsOf,
  type Gap,
  NO_POINTS,
  nearest,
  type Points,
} from "./points.ts";
import { endOfAxis, rangeOf, tickDecimals, WHOLE_STEPS } from "./scale.ts";

/** All that is drawn at one moment. */
export interface Scene {
  points: Points;
  best: Float64Array;
  gaps: Gap[];
  /** Decimals that tell the values apart. */
  decimals: number;
  reference: number | null;
  referenceText: string;
  /** Whether more may come: the last point pulses. */
  open: boolean;
}

export const NO_SCENE: Scene = {
  points: NO_POINTS,
  best: new Float64Array(),
  gaps: [],
  decimals: 0,
  reference: null,
  referenceText: "",
  open: false,
};

export interface Chart {
  draw(scene: Scene): void;
  /** Move the readout by so many points, or to an end; null takes it away. */
  move(step: number | null): void;
  /** Read the colours anew. */
  recolour(): void;
  close(): void;
}

const HEIGHT = 262;
/** Below this width the plot is lower. */
const NARROW = 560;

/**
 * Open a chart in `place`.
 *
 * @param onPoint is told the index of the point under the pointer, or null.
 */
export function openChart(place: HTMLElement, onPoint: (index: number | null) => void): Chart {
  let scene = NO_SCENE;
  let palette: Palette = readPalette(place);
  let zoom: [number, number] | null = null;
  let at: number | null = null;
  const last = overlay("qjw-p-last");
  const ring = overlay("qjw-p-ring");
  const pill = overlay("qjw-p-pill");

  const hooks: uPlot.Hooks.Arrays = {
    drawClear: [(u) => paintUnder(u, scene, attemptStarts(scene.points), palette)],
    draw: [placeLast],
    setCursor: [placeReadout],
    setSelect: [zoomToSelection],
  };
  const u = new uPlot(
    optionsOf(place, () => palette, hooks),
    emptyColumns(),
    place,
  );
  u.over.append(last, ring, pill);
  u.over.addEventListener("dblclick", () => {
    zoom = null;
    redraw();
  });
  const sizes = new ResizeObserver(() => u.setSize(sizeOf(place)));
  sizes.observe(place);

  function optionsOf(el: HTMLElement, colours: () => Palette, arrays: uPlot.Hooks.Arrays) {
    return options(sizeOf(el), colours, arrays, {
      x: () => zoom ?? [0, endOfAxis(scene.points.seq.at(-1) ?? 0)],
      y: (low, high) => rangeOf(low, high, scene.reference),
      snap: (left) => u.valToPos(scene.points.seq[indexAt(left)] ?? 0, "x"),
    });
  }
  function indexAt(left: number): number {
    return nearest(scene.points.seq, u.posToVal(left, "x"));
  }
  function redraw(): void {
    u.setData(columnsOf(scene.points, scene.best));
    if (at !== null) show(at);
  }
  function show(index: number): void {
    const x = scene.points.seq[index];
    if (x !== undefined) u.setCursor({ left: u.valToPos(x, "x"), top: 0 });
  }
  function zoomToSelection(): void {
    const { left, width } = u.select;
    if (width < 4) return;
    zoom = [u.posToVal(left, "x"), u.posToVal(left + width, "x")];
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    redraw();
  }
  function placeLast(): void {
    const i = scene.points.seq.length - 1;
    put(last, scene.points.seq[i], scene.best[i]);
    last.classList.toggle("qjw-pulse", scene.open);
  }
  function placeReadout(): void {
    const left = u.cursor.left ?? -1;
    const inside = left >= 0 && scene.points.seq.length > 0;
    at = inside ? indexAt(left) : null;
    const x = at === null ? undefined : scene.points.seq[at];
    put(ring, x, at === null ? undefined : scene.best[at]);
    pill.hidden = x === undefined;
    if (x !== undefined) {
      pill.style.left = `${u.valToPos(x, "x")}px`;
      pill.textContent = number(x);
    }
    onPoint(at);
  }
  function put(mark: HTMLElement, x: number | undefined, y: number | undefined): void {
    const known = x !== undefined && y !== undefined && Number.isFinite(y);
    const left = known ? u.valToPos(x, "x") : -1;
    mark.hidden = !known || left < -0.5 || left > u.over.clientWidth + 0.5;
    if (mark.hidden) return;
    mark.style.left = `${left}px`;
    mark.style.top = `${u.valToPos(y as number, "y")}px`;
  }

  return {
    draw(next) {
      scene = next;
      redraw();
    },
    move(step) {
      const n = scene.points.seq.length;
      if (step === null) u.setCursor({ left: -10, top: -10 });
      else if (n > 0) show(Math.min(n - 1, Math.max(0, (at ?? n - 1) + step)));
    },
    recolour() {
      palette = readPalette(place);
      u.redraw(true);
    },
    close() {
      sizes.disconnect();
      u.destroy();
    },
  };
}

function overlay(className: string): HTMLElement {
  const el = document.createElement("div");
  el.className = className;
  el.hidden = true;
  return el;
}

function emptyColumns(): Columns {
  return [[], [], [], [], []];
}

function sizeOf(place: HTMLElement): { width: number; height: number } {
  const width = Math.max(200, place.clientWidth);
  return { width, height: width < NARROW ? HEIGHT - 40 : HEIGHT };
}

interface Ranges {
  x: () => [number, number];
  y: (low: number, high: number) => [number, number];
  snap: (left: number) => number;
}

function options(
  size: { width: number; height: number },
  colours: () => Palette,
  hooks: uPlot.Hooks.Arrays,
  ranges: Ranges,
): uPlot.Options {
  const font = () => colours().font;
  const axis: uPlot.Axis = { stroke: () => colours().fg2, ticks: { show: false }, font: font() };
  return {
    ...size,
    padding: [24, 14, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false },
      move: (_, left, top) => [left < 0 ? left : ranges.snap(left), top],
    },
    scales: {
      x: { time: false, range: () => ranges.x() },
      y: { range: (_, low, high) => ranges.y(low ?? 0, high ?? 1) },
    },
    axes: [
      {
        ...axis,
        size: 26,
        gap: 6,
        grid: { show: false },
        border: { show: true, width: 1, stroke: () => colours().line2 },
        incrs: WHOLE_STEPS,
        space: 60,
        values: (_, splits) => splits.map((split) => number(split)),
      },
      {
        ...axis,
        size: 52,
        gap: 8,
        space: 36,
        grid: { width: 1, stroke: () => colours().line },
        values: (_, splits, __, ___, step) => splits.map((s) => number(s, tickDecimals(step))),
      },
    ],
    series: [
      {},
      dots(() => colours().line2),
      line(() => colours().fg3, 1.4),
      dots(() => colours().dot),
      line(() => colours().accent, 2),
    ],
    hooks,
  };
}

function line(stroke: () => string, width: number): uPlot.Series {
  return { stroke, width, points: { show: false }, spanGaps: false };
}

/** A series of dots; those that would fall on the same pixel are drawn once. */
function dots(fill: () => string): uPlot.Series {
  return {
    fill,
    points: { show: false },
    paths: (u, series, from, to) => dotPath(u, series, from, to),
  };
}

function dotPath(u: uPlot, series: number, from: number, to: number): uPlot.Series.Paths {
  const path = new Path2D();
  const radius = 1.5 * uPlot.pxRatio;
  const [xs, ys] = [u.data[0], u.data[series] as (number | null)[]];
  let drawn = "";
  for (let i = from; i <= to; i++) {
    const y = ys[i];
    if (y === null || y === undefined) continue;
    const cx = u.valToPos(xs[i] as number, "x", true);
    const cy = u.valToPos(y, "y", true);
    const pixel = `${Math.round(cx)},${Math.round(cy)}`;
    if (pixel === drawn) continue;
    drawn = pixel;
    path.moveTo(cx + radius, cy);
    path.arc(cx, cy, radius, 0, 2 * Math.PI);
  }
  return { stroke: null, fill: path };
}
