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

/** What of a curve is painted, and where. */
interface Stretch {
  ctx: CanvasRenderingContext2D;
  curve: Curve;
  /** The first and the last of its points. */
  first: number;
  last: number;
  sx: Ruler;
  sy: Ruler;
}

/** Above so many points for a pixel, dots and lines are drawn by columns of pixels. */
const CROWD = 3;

function ruler(u: uPlot, key: "x" | "y"): Ruler {
  const { min = 0, max = 1 } = u.scales[key] ?? {};
  const low = u.valToPos(min as number, key, true);
  const scale = (u.valToPos(max as number, key, true) - low) / ((max as number) - (min as number));
  return { scale, zero: low - scale * (min as number) };
}

function pixel({ zero, scale }: Ruler, value: number): number {
  return zero + scale * value;
}

/**
 * Paint all curves; called by uPlot in device pixels.
 *
 * @param from where to begin: what lies to the left is there already.
 */
export function paintCurves(
  u: uPlot,
  curves: readonly Curve[],
  palette: Palette,
  from: number,
): void {
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
    const begin = search(curve.x, (from - sx.zero) / sx.scale) - 1;
    const whole = { ctx, curve, sx, sy };
    paintStretch({ ...whole, first, last: split - 1 }, begin, earlier, 1.4);
    paintStretch({ ...whole, first: split, last }, begin, own, 2);
  }
  ctx.restore();
}

/** Whether a curve is drawn by columns of pixels. */
export function isCrowded(u: uPlot, curve: Curve): boolean {
  const [first, last] = visible(u, curve);
  return areCrowded(curve, Math.max(curve.from, first), last, ruler(u, "x"));
}

function areCrowded({ x }: Curve, first: number, last: number, sx: Ruler): boolean {
  const wide = Math.abs(sx.scale * ((x[last] as number) - (x[first] as number)));
  return last - first > CROWD * Math.max(1, wide);
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

/** Paint one stretch, of which all before the point `begin` is there already. */
function paintStretch(
  whole: Stretch,
  begin: number,
  colours: { line: string; dot: string },
  width: number,
): void {
  const { ctx, curve, last } = whole;
  const rest = { ...whole, first: Math.max(whole.first, begin) };
  if (last < rest.first) return;
  const px = devicePixelRatio;
  const best = curve.best !== curve.value;
  const thick = (best ? width : Math.min(width, 1.4)) * px;
  if (areCrowded(curve, whole.first, last, whole.sx)) {
    ctx.fillStyle = colours.dot;
    fillRanges(rest, px);
    ctx.fillStyle = colours.line;
    fillLine(rest, thick, best);
    return;
  }
  ctx.fillStyle = colours.dot;
  ctx.fill(dots(rest, px));
  ctx.strokeStyle = colours.line;
  ctx.lineWidth = thick;
  ctx.lineJoin = "round";
  const dash = dashOf(curve.slot).map((length) => length * px);
  ctx.setLineDash(dash);
  // dashes are counted from where a line begins
  ctx.stroke(line(dash.length > 0 ? whole : rest, best));
  ctx.setLineDash([]);
}

function dots({ curve, first, last, sx, sy }: Stretch, px: number): Path2D {
  const path = new Path2D();
  const radius = 1.5 * px;
  let [oldX, oldY] = [-1, -1];
  for (let i = first; i <= last; i++) {
    const y = curve.y[i] as number;
    if (Number.isNaN(y)) continue;
    const cx = pixel(sx, curve.x[i] as number);
    const cy = pixel(sy, y);
    // those on the same pixel are drawn once
    if (Math.round(cx) === oldX && Math.round(cy) === oldY) continue;
    [oldX, oldY] = [Math.round(cx), Math.round(cy)];
    path.moveTo(cx + radius, cy);
    path.arc(cx, cy, radius, 0, 2 * Math.PI);
  }
  return path;
}

/** Fill the range of the values in each column of pixels. */
function fillRanges(stretch: Stretch, px: number): void {
  const { ctx, curve, sy } = stretch;
  eachColumn(stretch, curve.y, (column, low, high) => {
    const top = pixel(sy, high) - px;
    ctx.fillRect(column, top, Math.max(1, px), pixel(sy, low) + px - top);
  });
}

function line({ curve, first, last, sx, sy }: Stretch, stepped: boolean): Path2D {
  const path = new Path2D();
  let before = Number.NaN;
  for (let i = first; i <= last; i++) {
    const y = curve.yBest[i] as number;
    const cx = pixel(sx, curve.x[i] as number);
    const cy = pixel(sy, y);
    if (Number.isNaN(y) || Number.isNaN(before) || curve.breaks.has(i)) path.moveTo(cx, cy);
    else {
      if (stepped) path.lineTo(cx, before);
      path.lineTo(cx, cy);
    }
    before = Number.isNaN(y) ? Number.NaN : cy;
  }
  return path;
}

/**
 * Fill a line through the columns of pixels, in each from its least to its greatest height. It is
 * made of rectangles, which cost a browser a small part of what a path of so many corners does.
 */
function fillLine(stretch: Stretch, thick: number, stepped: boolean): void {
  const { ctx, curve, first, last, sy } = stretch;
  const dash = dashOf(curve.slot);
  const broad = Math.max(1, Math.round(thick));
  const fill = (column: number, ...heights: number[]): void => {
    if (!isInked(dash, column / devicePixelRatio)) return;
    const top = Math.min(...heights) - thick / 2;
    ctx.fillRect(column, top, broad, Math.max(...heights) + thick / 2 - top);
  };
  const ends = [...curve.breaks].filter((i) => i > first && i <= last).sort((a, b) => a - b);
  let start = first;
  for (const end of [...ends, last + 1]) {
    let [before, level] = [Number.NaN, Number.NaN];
    const unbroken = { ...stretch, first: start, last: end - 1 };
    eachColumn(unbroken, curve.yBest, (column, low, high, entry, exit) => {
      const y = pixel(sy, entry);
      if (Number.isNaN(level)) level = y;
      // to here it is level, or slopes
      const rise = stepped ? 0 : (y - level) / (column - before);
      for (let at = before + 1; at < column; at++) {
        fill(at, level, level + rise);
        level += rise;
      }
      fill(column, level, pixel(sy, high), pixel(sy, low));
      [before, level] = [column, pixel(sy, exit)];
    });
    start = end;
  }
}

/** Whether a dashed line has ink so far from its beginning. */
function isInked(dash: readonly number[], at: number): boolean {
  let rest = at % dash.reduce((sum, length) => sum + length, 0);
  const part = dash.findIndex((length) => {
    rest -= length;
    return rest < 0;
  });
  return part % 2 === 0 || dash.length === 0;
}

/** Call `see` with the least, greatest, first and last height in each column of pixels. */
function eachColumn(
  { curve, first, last, sx }: Stretch,
  y: Float64Array,
  see: (column: number, low: number, high: number, entry: number, exit: number) => void,
): void {
  let column = Number.NaN;
  let [low, high, entry, exit] = [Infinity, -Infinity, Number.NaN, Number.NaN];
  for (let i = first; i <= last; i++) {
    const v = y[i] as number;
    if (Number.isNaN(v)) continue;
    const here = Math.round(pixel(sx, curve.x[i] as number));
    if (here !== column) {
      if (low <= high) see(column, low, high, entry, exit);
      [column, low, high, entry] = [here, v, v, v];
    }
    if (v < low) low = v;
    if (v > high) high = v;
    exit = v;
  }
  if (low <= high) see(column, low, high, entry, exit);
}
