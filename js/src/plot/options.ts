/** How uPlot is told to draw: axes and ranges. The curves are painted by `paint.ts`. */
import uPlot from "uplot";
import { number } from "../lib/words.ts";
import type { Palette } from "./palette.ts";
import { tickDecimals, WHOLE_STEPS } from "./scale.ts";

export interface Frame {
  palette: () => Palette;
  x: () => [number, number];
  y: () => [number, number];
  /** Whether heights are powers of ten. */
  decades: () => boolean;
  /** Return where the point nearest to the pointer lies. */
  snap: (u: uPlot, left: number) => number;
  hooks: uPlot.Hooks.Arrays;
}

/** Return uPlot's options; colours and ranges are asked for at each drawing. */
export function optionsOf(size: { width: number; height: number }, frame: Frame): uPlot.Options {
  return {
    ...size,
    // a label of five digits and more is wider than the usual room after the last
    padding: [24, (u) => ((u.scales.x?.max ?? 0) < 10_000 ? 14 : 22), 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { show: false },
      // a click after which the cursor has snapped to a point is none after a drag, as it thinks
      drag: { x: true, y: false, setScale: false, click: () => {} },
      move: (u, left, top) => [left < 0 ? left : frame.snap(u, left), top],
    },
    scales: {
      x: { time: false, range: () => frame.x() },
      y: { range: () => frame.y() },
    },
    axes: axesOf(frame),
    series: [{}, { show: true, paths: () => null, points: { show: false } }],
    hooks: frame.hooks,
  };
}

/** Distances of decades. */
const DECADES = [1, 2, 3, 5, 10, 20, 50, 100];
const RAISED = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"];

/** Return 10 to the power of `n`, with raised digits. */
export function power(n: number): string {
  const digits = [...String(Math.abs(n))].map((digit) => RAISED[Number(digit)]).join("");
  return `10${n < 0 ? "⁻" : ""}${digits}`;
}

function axesOf(frame: Frame): uPlot.Axis[] {
  const colours = frame.palette;
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
      incrs: () => (frame.decades() ? DECADES : STEPS),
      grid: { width: 1, stroke: () => colours().line },
      values: (_, splits, __, ___, step) =>
        splits.map((s) => (frame.decades() ? power(s) : number(s, tickDecimals(step)))),
    },
  ];
}

/** Distances of linear ticks. */
const STEPS = Array.from({ length: 28 }, (_, i) => i - 14).flatMap((e) =>
  [1, 2, 2.5, 5].map((s) => Number(`${s}e${e}`)),
);

/** Return how wide the widest of these labels is, in steps, so that a digit more moves nothing. */
function widest(u: uPlot, labels: string[] | null): number {
  u.ctx.save();
  u.ctx.font = u.axes[1]?.font?.[0] ?? "11px sans-serif";
  const widths = (labels ?? []).map((label) => u.ctx.measureText(label).width / uPlot.pxRatio);
  u.ctx.restore();
  return 8 * Math.ceil(Math.max(0, ...widths) / 8);
}
