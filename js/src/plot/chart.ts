/**
 * One panel of an interim plot on uPlot: dots for values, lines for the running best, earlier
 * attempts in grey, a band where values are missing, dashed lines for references.
 *
 * Canvas knows no CSS variables, so colours are read from the root when the theme changes. What
 * follows the pointer is laid over the canvas as elements and costs no redraw.
 */
import uPlot from "uplot";
import { number } from "../lib/words.ts";
import { nearest } from "./columns.ts";
import type { Curve, Panel } from "./curves.ts";
import { paintMarks } from "./marks.ts";
import { optionsOf } from "./options.ts";
import { isCrowded, paintCurves } from "./paint.ts";
import { colourOf, type Palette, readPalette } from "./palette.ts";
import { rangeOf } from "./scale.ts";

/** All that one panel draws at one moment. */
export interface Scene {
  panel: Panel;
  /** Ends of the x axis. */
  x: [number, number];
  referenceText: (value: number) => string;
  height: number;
}

/** What the reader does with a panel; it holds for all panels. */
export interface Gestures {
  /** The pointer is at this x, or nowhere. */
  onRead(x: number | null): void;
  onZoom(zoom: [number, number] | null): void;
  onClick(x: number): void;
}

/** A drag of fewer pixels is a click. */
const DRAG = 4;
/** Pixels around a point in which there is anything of it. */
const NEAR = 6;

/** A chart in `place`, first drawn with `scene`. */
export class Chart {
  readonly #place: HTMLElement;
  readonly #gestures: Gestures;
  #scene: Scene;
  #palette: Palette;
  /** Whether the readout is being put somewhere by us, not by the pointer. */
  #placing = false;
  #at: number | null = null;
  /** From where on it is being drawn, in device pixels. */
  #from = 0;
  readonly #pill = overlay("qjw-p-pill");
  readonly #ends: HTMLElement[] = [];
  readonly #rings: HTMLElement[] = [];
  readonly #u: uPlot;
  readonly #sizes: ResizeObserver;

  constructor(place: HTMLElement, scene: Scene, gestures: Gestures) {
    this.#place = place;
    this.#scene = scene;
    this.#gestures = gestures;
    this.#palette = readPalette(place);
    this.#u = new uPlot(this.#options(), dataOf(scene), place);
    this.#u.over.append(this.#pill);
    this.#u.over.addEventListener("dblclick", () => gestures.onZoom(null));
    let pressed = 0;
    this.#u.over.addEventListener("pointerdown", (event) => {
      pressed = event.clientX;
    });
    this.#u.over.addEventListener("click", (event) => {
      const dragged = Math.abs(event.clientX - pressed) >= DRAG;
      if (this.#at !== null && !dragged) gestures.onClick(this.#at);
    });
    this.#sizes = new ResizeObserver(() => this.#u.setSize(this.#size()));
    this.#sizes.observe(place);
  }

  draw(scene: Scene): void {
    const before = this.#scene;
    const { panel, x, height } = before;
    if (panel === scene.panel && x.join() === scene.x.join() && height === scene.height) return;
    this.#scene = scene;
    const u = this.#u;
    if (hasGrown(u, before, scene)) {
      const grown = panel.curves.filter(
        (c, i) => c.x.length < (scene.panel.curves[i]?.x.length ?? 0),
      );
      this.#drawEnd(Math.min(...grown.map((curve) => curve.x.at(-1) ?? 0)));
      return;
    }
    const at = this.#at;
    // In a batch the new scale holds at once; the cursor, kept in pixels, is then put back.
    this.#placing = true;
    u.batch(() => u.setData(dataOf(scene)));
    if (scene.height !== height) u.setSize(this.#size());
    if (at === null) this.#placing = false;
    else this.read(at);
  }

  /** Draw only what lies to the right of `x`: the rest of the picture is as it was. */
  #drawEnd(x: number): void {
    const u = this.#u;
    const { ctx } = u;
    // where one has zoomed past it, all that is in sight is new
    this.#from = Math.max(0, Math.floor(u.valToPos(x, "x", true) - NEAR * uPlot.pxRatio));
    // uPlot keeps in mind what it has set on the context: each drawing ends with the same
    ctx.save();
    ctx.beginPath();
    ctx.rect(this.#from, 0, ctx.canvas.width, ctx.canvas.height);
    ctx.clip();
    u.batch(() => u.redraw(false, false));
    ctx.restore();
    this.#from = 0;
  }

  /** Put the readout at the points nearest to `x`, or take it away. */
  read(x: number | null): void {
    this.#placing = true;
    if (x === null) this.#u.setCursor({ left: -10, top: -10 });
    else this.#u.setCursor({ left: this.#u.valToPos(x, "x"), top: 0 });
    this.#placing = false;
  }

  /** Read the theme's colours anew. */
  recolour(): void {
    this.#palette = readPalette(this.#place);
    this.#u.redraw(true);
  }

  close(): void {
    this.#sizes.disconnect();
    this.#u.destroy();
  }

  #size(): { width: number; height: number } {
    return { width: Math.max(200, this.#place.clientWidth), height: this.#scene.height };
  }

  #options(): uPlot.Options {
    return optionsOf(this.#size(), {
      palette: () => this.#palette,
      x: () => this.#scene.x,
      y: () => yRange(this.#scene.panel),
      decades: () => this.#scene.panel.axis !== "linear",
      snap: (u, left) => u.valToPos(this.#snapped(u.posToVal(left, "x")) ?? 0, "x"),
      hooks: {
        drawClear: [
          (u) => paintMarks(u, this.#scene.panel, this.#palette, this.#scene.referenceText),
        ],
        draw: [
          (u) => {
            const overlap = 2 * NEAR * uPlot.pxRatio;
            paintCurves(u, this.#scene.panel.curves, this.#palette, this.#from - overlap);
            this.#placeEnds(u);
          },
        ],
        setCursor: [(u) => this.#placeReadout(u)],
        setSelect: [(u) => this.#zoomToSelection(u)],
      },
    });
  }

  /** Return the x of the point nearest to `x`, of any curve. */
  #snapped(x: number): number | null {
    let found: number | null = null;
    for (const curve of this.#scene.panel.curves) {
      const near = curve.x[nearest(curve.x, x)];
      if (near === undefined) continue;
      if (found === null || Math.abs(near - x) < Math.abs(found - x)) found = near;
    }
    return found;
  }

  #zoomToSelection(u: uPlot): void {
    const { left, width } = u.select;
    if (width < DRAG) return;
    const zoom: [number, number] = [u.posToVal(left, "x"), u.posToVal(left + width, "x")];
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.#gestures.onZoom(zoom);
  }

  /** Mark the last point of each curve. */
  #placeEnds(u: uPlot): void {
    for (const [i, curve] of this.#scene.panel.curves.entries()) {
      const mark = this.#mark(this.#ends, i, "qjw-p-last", curve);
      put(u, mark, curve.x.at(-1), lastOf(curve));
      mark.classList.toggle("qjw-pulse", curve.open);
    }
    hideFrom(this.#ends, this.#scene.panel.curves.length);
  }

  #placeReadout(u: uPlot): void {
    const left = u.cursor.left ?? -1;
    this.#at = left >= 0 ? this.#snapped(u.posToVal(left, "x")) : null;
    const at = this.#at;
    for (const [i, curve] of this.#scene.panel.curves.entries()) {
      const index = at === null ? -1 : nearest(curve.x, at);
      const here = curve.x[index] === at;
      const ring = this.#mark(this.#rings, i, "qjw-p-ring", curve);
      put(u, ring, here ? (at ?? undefined) : undefined, curve.yBest[index]);
    }
    hideFrom(this.#rings, this.#scene.panel.curves.length);
    this.#pill.hidden = at === null;
    if (at !== null) {
      this.#pill.style.left = `${u.valToPos(at, "x")}px`;
      this.#pill.textContent = number(at);
    }
    if (!this.#placing) this.#gestures.onRead(at);
  }

  #mark(marks: HTMLElement[], i: number, className: string, curve: Curve): HTMLElement {
    const mark = marks[i] ?? overlay(className);
    if (marks[i] === undefined) {
      marks[i] = mark;
      this.#u.over.append(mark);
    }
    const colour = colourOf(curve.slot);
    if (mark.style.getPropertyValue("--qjw-c") !== colour) {
      mark.style.setProperty("--qjw-c", colour);
    }
    return mark;
  }
}

function lastOf({ y, yBest }: Curve): number | undefined {
  const best = yBest.at(-1);
  return best === undefined || Number.isNaN(best) ? y.at(-1) : best;
}

/** Whether all that is new in a scene is points that come after those there were. */
function hasGrown(u: uPlot, before: Scene, after: Scene): boolean {
  return (
    frameOf(before) === frameOf(after) &&
    after.panel.curves.every((curve, i) => {
      const old = before.panel.curves[i] as Curve;
      const end = old.x.length - 1;
      return (
        curve.x.length > end &&
        // columns grow in place; of another snapshot, which may differ anywhere, they are others
        curve.value.buffer === old.value.buffer &&
        curve.value.byteOffset === old.value.byteOffset &&
        isCrowded(u, old) === isCrowded(u, curve)
      );
    })
  );
}

/** All that a picture depends on but its points. */
function frameOf({ panel, x, height }: Scene): string {
  const curves = panel.curves.map(({ field, slot, breaks, from, again }) => [
    field,
    slot,
    breaks.size,
    from,
    again,
  ]);
  return JSON.stringify([
    x,
    yRange(panel),
    height,
    panel.axis,
    panel.references,
    panel.decimals,
    curves,
  ]);
}

function yRange({ span, references, axis }: Panel): [number, number] {
  return rangeOf(...span, references, axis !== "linear");
}

/** What uPlot must know of the data: the corners, so that it draws at all. */
function dataOf({ x }: Scene): uPlot.AlignedData {
  return [x, [0, 1]];
}

/** Put a mark at a point, or hide it when that is out of sight. */
function put(u: uPlot, mark: HTMLElement, x: number | undefined, y: number | undefined): void {
  const known = x !== undefined && y !== undefined && Number.isFinite(y);
  const left = known ? u.valToPos(x, "x") : -1;
  // asking the element for its width would have the browser lay out the page first
  const width = u.bbox.width / uPlot.pxRatio;
  mark.hidden = !known || left < -0.5 || left > width + 0.5;
  if (mark.hidden) return;
  // moved so, it needs no layout of the page
  mark.style.transform = `translate(${left}px, ${u.valToPos(y as number, "y")}px)`;
}

function hideFrom(marks: HTMLElement[], from: number): void {
  for (const mark of marks.slice(from)) mark.hidden = true;
}

function overlay(className: string): HTMLElement {
  const el = document.createElement("div");
  el.className = className;
  el.hidden = true;
  return el;
}
