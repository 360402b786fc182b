/**
 * The curves on the canvas. Where there are more points than pixels, each column of pixels gets the
 * range of its values, which looks the same: the points themselves stay as they are.
 */
import type uPlot from "uplot";
import type { Curve } from "./curves.ts";
import { dashOf, type Palette, SLOTS } from "./palette.ts";

/** A straight map from numbers to device pixels. */
interface Ruler {
  scale: number;
  zero: number;
}

/** Above so many points for a pixel, dots and lines are drawn by columns of pixels. */
const CROWD = 3;

function ruler(u: uPlot, key: "x" | "y"): Ruler {
  const { min = 0, max = 1 } = u.scales[key] ?? {};
  const low = u.valToPos(min as number, key, true);
  const scale = (u.valToPos(max as number, key, true) - low) / ((max as number) - (min as number));
  return { scale, zero: low - scale * (min as number) };
}

/** Paint all curves; called by uPlot in device pixels. */
export function paintCurves(u: uPlot, curves: readonly Curve[], palette: Palette): void {
  const { ctx, bbox } = u;
  const [sx, sy] = [ruler(u, "x"), ruler(u, "y")];
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top - 4, bbox.width + 4, bbox.height + 8);
  ctx.clip();
  for (const curve of curves) {
    const [first, last] = visible(u, curve);
    const own = palette.curves[curve.slot % SLOTS] as Palette["curves"][number];
    const split = Math.min(Math.max(curve.from, first), last + 1);
    const earlier = { line: palette.fg3, dot: palette.line2 };
    paintStretch(ctx, curve, first, split - 1, sx, sy, earlier, 1.4);
    paintStretch(ctx, curve, split, last, sx, sy, own, 2);
  }
  ctx.restore();
}

/** Return the first and last index that are in sight, and one beyond on each side. */
function visible(u: uPlot, { x }: Curve): [number, number] {
  const { min = 0, max = 0 } = u.scales.x ?? {};
  return [
    Math.max(0, search(x, min as number) - 1),
    Math.min(x.length - 1, search(x, max as number)),
  ];
}

function search(x: Float64Array, value: number): number {
  let [low, high] = [0, x.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((x[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function paintStretch(
  ctx: CanvasRenderingContext2D,
  curve: Curve,
  first: number,
  last: number,
  sx: Ruler,
  sy: Ruler,
  colours: { line: string; dot: string },
  width: number,
): void {
  if (last < first) return;
  const px = devicePixelRatio;
  const wide = Math.abs(sx.scale * ((curve.x[last] as number) - (curve.x[first] as number)));
  const crowded = last - first > CROWD * Math.max(1, wide);
  const best = curve.best !== curve.value;
  ctx.fillStyle = colours.dot;
  ctx.fill(crowded ? ranges(curve, first, last, sx, sy, px) : dots(curve, first, last, sx, sy, px));
  ctx.strokeStyle = colours.line;
  ctx.lineWidth = (best ? width : Math.min(width, 1.4)) * px;
  // of a thousand corners on as many pixels nobody sees that they are round, but the browser does
  ctx.lineJoin = crowded ? "bevel" : "round";
  ctx.setLineDash(dashOf(curve.slot).map((length) => length * px));
  ctx.stroke(
    crowded ? thinLine(curve, first, last, sx, sy) : line(curve, first, last, sx, sy, best),
  );
  ctx.setLineDash([]);
}

function dots(c: Curve, first: number, last: number, sx: Ruler, sy: Ruler, px: number): Path2D {
  const path = new Path2D();
  const radius = 1.5 * px;
  let [oldX, oldY] = [-1, -1];
  for (let i = first; i <= last; i++) {
    const y = c.y[i] as number;
    if (Number.isNaN(y)) continue;
    const cx = sx.zero + sx.scale * (c.x[i] as number);
    const cy = sy.zero + sy.scale * y;
    // those on the same pixel are drawn once
    if (Math.round(cx) === oldX && Math.round(cy) === oldY) continue;
    [oldX, oldY] = [Math.round(cx), Math.round(cy)];
    path.moveTo(cx + radius, cy);
    path.arc(cx, cy, radius, 0, 2 * Math.PI);
  }
  return path;
}

/** The range of the values in each column of pixels. */
function ranges(c: Curve, first: number, last: number, sx: Ruler, sy: Ruler, px: number): Path2D {
  const path = new Path2D();
  eachColumn(c.x, c.y, first, last, sx, (column, low, high) => {
    const top = sy.zero + sy.scale * high - px;
    path.rect(column, top, Math.max(1, px), sy.zero + sy.scale * low + px - top);
  });
  return path;
}

function line(
  c: Curve,
  first: number,
  last: number,
  sx: Ruler,
  sy: Ruler,
  stepped: boolean,
): Path2D {
  const path = new Path2D();
  let before = Number.NaN;
  for (let i = first; i <= last; i++) {
    const y = c.yBest[i] as number;
    const cx = sx.zero + sx.scale * (c.x[i] as number);
    const cy = sy.zero + sy.scale * y;
    if (Number.isNaN(y) || Number.isNaN(before) || c.breaks.has(i)) path.moveTo(cx, cy);
    else {
      if (stepped) path.lineTo(cx, before);
      path.lineTo(cx, cy);
    }
    before = Number.isNaN(y) ? Number.NaN : cy;
  }
  return path;
}

/** A line through the columns of pixels: in each from its least to its greatest height. */
function thinLine(c: Curve, first: number, last: number, sx: Ruler, sy: Ruler): Path2D {
  const path = new Path2D();
  const ends = [...c.breaks].filter((i) => i > first && i <= last).sort((a, b) => a - b);
  let start = first;
  for (const end of [...ends, last + 1]) {
    let begun = false;
    eachColumn(c.x, c.yBest, start, end - 1, sx, (column, low, high, exit) => {
      const top = sy.zero + sy.scale * high;
      if (begun) path.lineTo(column, top);
      else path.moveTo(column, top);
      begun = true;
      if (low !== high) path.lineTo(column, sy.zero + sy.scale * low);
      if (exit !== low) path.lineTo(column, sy.zero + sy.scale * exit);
    });
    start = end;
  }
  return path;
}

/** Call `see` with the least, the greatest and the last height in each column of pixels. */
function eachColumn(
  x: Float64Array,
  y: Float64Array,
  first: number,
  last: number,
  sx: Ruler,
  see: (column: number, low: number, high: number, exit: number) => void,
): void {
  let column = Number.NaN;
  let [low, high, exit] = [Infinity, -Infinity, Number.NaN];
  for (let i = first; i <= last; i++) {
    const v = y[i] as number;
    if (Number.isNaN(v)) continue;
    const here = Math.round(sx.zero + sx.scale * (x[i] as number));
    if (here !== column) {
      if (low <= high) see(column, low, high, exit);
      [column, low, high] = [here, v, v];
    }
    if (v < low) low = v;
    if (v > high) high = v;
    exit = v;
  }
  if (low <= high) see(column, low, high, exit);
}
