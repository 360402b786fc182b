/** What lies under the curves: bands of missing values, starts of attempts, references. */
import uPlot from "uplot";
import { count } from "../lib/words.ts";
import type { Curve, Panel } from "./curves.ts";
import { type Palette, SLOTS } from "./palette.ts";

/** Paint all marks; called by uPlot on a cleared canvas, in device pixels. */
export function paintMarks(
  u: uPlot,
  panel: Panel,
  palette: Palette,
  referenceText: (value: number) => string,
): void {
  const { ctx } = u;
  ctx.save();
  ctx.font = palette.font.replace("11px", `${11 * uPlot.pxRatio}px`);
  // not that of the labels of axes, which it is from the second drawing on
  ctx.textBaseline = "alphabetic";
  const [only] = panel.curves;
  for (const curve of panel.curves) if (curve.again) paintAgain(u, curve, palette);
  // bands of several jobs would lie on each other; there lines break and the footer counts
  if (only && panel.curves.every(({ source }) => source === only.source)) {
    for (const gap of only.gaps) paintGap(u, gap.from, gap.to, gap.missed, palette);
    for (const start of only.attempts) paintStart(u, start.at, `attempt ${start.number}`, palette);
  }
  for (const value of panel.references) {
    const place = panel.axis === "log" ? Math.log10(value) : value;
    paintReference(u, place, referenceText(value), palette);
  }
  ctx.restore();
}

function paintGap(u: uPlot, from: number, to: number, missed: number, palette: Palette): void {
  const { ctx, bbox } = u;
  const px = uPlot.pxRatio;
  const left = Math.max(bbox.left, u.valToPos(from, "x", true));
  const right = Math.min(bbox.left + bbox.width, u.valToPos(to, "x", true));
  if (right <= left) return;
  ctx.fillStyle = palette.tint;
  ctx.fillRect(left, bbox.top, right - left, bbox.height);
  const text = `${count(missed, "value")} missed`;
  const room = left - bbox.left > ctx.measureText(text).width + 12 * px;
  ctx.fillStyle = palette.wait;
  ctx.textAlign = room ? "right" : "left";
  ctx.fillText(text, room ? left - 6 * px : right + 6 * px, bbox.top + 15 * px);
}

function paintStart(u: uPlot, at: number, text: string, palette: Palette): void {
  const { ctx, bbox } = u;
  const px = uPlot.pxRatio;
  const x = Math.round(u.valToPos(at, "x", true)) + 0.5;
  if (x < bbox.left || x > bbox.left + bbox.width) return;
  ctx.strokeStyle = palette.fg3;
  ctx.lineWidth = px;
  ctx.lineCap = "round";
  ctx.setLineDash([px, 3 * px]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top - 10 * px);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.fillStyle = palette.fg;
  ctx.textAlign = "left";
  ctx.fillText(text, x + 6 * px, bbox.top - 4 * px);
}

/** Ring the first point of a curve whose job was begun anew. */
function paintAgain(u: uPlot, { x, y, slot }: Curve, palette: Palette): void {
  const first = y.findIndex(Number.isFinite);
  if (first < 0) return;
  const { ctx } = u;
  const [cx, cy] = [
    u.valToPos(x[first] as number, "x", true),
    u.valToPos(y[first] as number, "y", true),
  ];
  ctx.strokeStyle = palette.curves[slot % SLOTS]?.line ?? palette.fg;
  ctx.lineWidth = 1.5 * uPlot.pxRatio;
  ctx.beginPath();
  ctx.arc(cx, cy, 5 * uPlot.pxRatio, 0, 2 * Math.PI);
  ctx.stroke();
}

function paintReference(u: uPlot, value: number, text: string, palette: Palette): void {
  const { ctx, bbox } = u;
  const px = uPlot.pxRatio;
  const y = Math.round(u.valToPos(value, "y", true)) + 0.5;
  const bottom = bbox.top + bbox.height;
  if (!(y >= bbox.top && y <= bottom)) return;
  ctx.strokeStyle = palette.fg;
  ctx.lineWidth = px;
  ctx.lineCap = "butt";
  ctx.setLineDash([5 * px, 4 * px]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.fillStyle = palette.fg;
  ctx.textAlign = "right";
  // under the line where there is room, which is where a minimum is approached from above
  const below = bottom - y > 16 * px;
  ctx.fillText(text, bbox.left + bbox.width, below ? y + 13 * px : y - 5 * px);
}
