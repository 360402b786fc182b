/** How uPlot is told to draw: axes, series, ranges. */
import uPlot from "uplot";
import { number } from "../lib/words.ts";
import type { Palette } from "./palette.ts";
import { tickDecimals, WHOLE_STEPS } from "./scale.ts";

export interface Ranges {
  x: () => number[];
  y: (low: number, high: number) => [number, number];
  /** Return where the point nearest to the pointer lies. */
  snap: (u: uPlot, left: number) => number;
}

/** Return uPlot's options; colours and ranges are asked for at each drawing. */
export function optionsOf(
  size: { width: number; height: number },
  colours: () => Palette,
  hooks: uPlot.Hooks.Arrays,
  ranges: Ranges,
): uPlot.Options {
  return {
    ...size,
    // a label of five digits and more is wider than the usual room after the last
    padding: [24, (u) => ((u.scales.x?.max ?? 0) < 10_000 ? 14 : 22), 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false },
      move: (u, left, top) => [left < 0 ? left : ranges.snap(u, left), top],
    },
    scales: {
      x: { time: false, range: () => ranges.x() as [number, number] },
      y: { range: (_, low, high) => ranges.y(low ?? 0, high ?? 1) },
    },
    axes: axesOf(colours),
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

function axesOf(colours: () => Palette): uPlot.Axis[] {
  const axis: uPlot.Axis = {
    stroke: () => colours().fg2,
    ticks: { show: false },
    font: colours().font,
  };
  return [
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
      size: (u, values) => Math.max(52, widest(u, values) + 14),
      gap: 8,
      space: 36,
      grid: { width: 1, stroke: () => colours().line },
      values: (_, splits, __, ___, step) => splits.map((s) => number(s, tickDecimals(step))),
    },
  ];
}

/** Return how wide the widest of these labels is, in steps, so that a digit more moves nothing. */
function widest(u: uPlot, labels: string[] | null): number {
  u.ctx.save();
  u.ctx.font = u.axes[1]?.font?.[0] ?? "11px sans-serif";
  const widths = (labels ?? []).map((label) => u.ctx.measureText(label).width / uPlot.pxRatio);
  u.ctx.restore();
  return 8 * Math.ceil(Math.max(0, ...widths) / 8);
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
