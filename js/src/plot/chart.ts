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
import { optionsOf } from "./options.ts";
import { type Palette, readPalette } from "./palette.ts";
import { attemptStarts, columnsOf, type Gap, NO_POINTS, nearest, type Points } from "./points.ts";
import { endOfAxis, rangeOf } from "./scale.ts";

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

const HEIGHT = 262;
/** Below this width the plot is lower. */
const NARROW = 560;
/** A drag of fewer pixels is a click. */
const DRAG = 4;

/** A chart in `place`; `onPoint` is told the index of the point under the pointer, or null. */
export class Chart {
  readonly #place: HTMLElement;
  readonly #onPoint: (index: number | null) => void;
  #scene = NO_SCENE;
  #palette: Palette;
  #zoom: [number, number] | null = null;
  /** Index of the point that is read. */
  #at: number | null = null;
  readonly #last = overlay("qjw-p-last");
  readonly #ring = overlay("qjw-p-ring");
  readonly #pill = overlay("qjw-p-pill");
  readonly #u: uPlot;
  readonly #sizes: ResizeObserver;

  constructor(place: HTMLElement, onPoint: (index: number | null) => void) {
    this.#place = place;
    this.#onPoint = onPoint;
    this.#palette = readPalette(place);
    this.#u = new uPlot(this.#options(), columnsOf(NO_POINTS, NO_SCENE.best), place);
    this.#u.over.append(this.#last, this.#ring, this.#pill);
    this.#u.over.addEventListener("dblclick", () => this.#setZoom(null));
    this.#sizes = new ResizeObserver(() => this.#u.setSize(sizeOf(place)));
    this.#sizes.observe(place);
  }

  draw(scene: Scene): void {
    this.#scene = scene;
    this.#redraw();
  }

  /** Move the readout by so many points, or to an end; null takes it away. */
  move(step: number | null): void {
    const n = this.#scene.points.seq.length;
    if (step === null) this.#u.setCursor({ left: -10, top: -10 });
    else if (n > 0) this.#read(Math.min(n - 1, Math.max(0, (this.#at ?? n - 1) + step)));
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

  #options(): uPlot.Options {
    const hooks: uPlot.Hooks.Arrays = {
      drawClear: [
        (u) => paintUnder(u, this.#scene, attemptStarts(this.#scene.points), this.#palette),
      ],
      draw: [(u) => this.#placeLast(u)],
      setCursor: [(u) => this.#placeReadout(u)],
      setSelect: [(u) => this.#zoomToSelection(u)],
    };
    const ranges = {
      x: () => this.#zoom ?? [0, endOfAxis(this.#scene.points.seq.at(-1) ?? 0)],
      y: (low: number, high: number) => rangeOf(low, high, this.#scene.reference),
      snap: (u: uPlot, left: number) =>
        u.valToPos(this.#scene.points.seq[this.#indexAt(u, left)] ?? 0, "x"),
    };
    return optionsOf(sizeOf(this.#place), () => this.#palette, hooks, ranges);
  }

  #indexAt(u: uPlot, left: number): number {
    return nearest(this.#scene.points.seq, u.posToVal(left, "x"));
  }

  #redraw(): void {
    const at = this.#at;
    // In a batch the new scale holds at once; the cursor, kept in pixels, is then put back.
    this.#u.batch(() => this.#u.setData(columnsOf(this.#scene.points, this.#scene.best)));
    if (at !== null) this.#read(at);
  }

  #read(index: number): void {
    const x = this.#scene.points.seq[index];
    if (x !== undefined) this.#u.setCursor({ left: this.#u.valToPos(x, "x"), top: 0 });
  }

  #setZoom(zoom: [number, number] | null): void {
    this.#zoom = zoom;
    this.#redraw();
  }

  #zoomToSelection(u: uPlot): void {
    const { left, width } = u.select;
    if (width < DRAG) return;
    const zoom: [number, number] = [u.posToVal(left, "x"), u.posToVal(left + width, "x")];
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.#setZoom(zoom);
  }

  #placeLast(u: uPlot): void {
    const i = this.#scene.points.seq.length - 1;
    put(u, this.#last, this.#scene.points.seq[i], this.#scene.best[i]);
    this.#last.classList.toggle("qjw-pulse", this.#scene.open);
  }

  #placeReadout(u: uPlot): void {
    const left = u.cursor.left ?? -1;
    this.#at = left >= 0 && this.#scene.points.seq.length > 0 ? this.#indexAt(u, left) : null;
    const x = this.#at === null ? undefined : this.#scene.points.seq[this.#at];
    put(u, this.#ring, x, this.#at === null ? undefined : this.#scene.best[this.#at]);
    this.#pill.hidden = x === undefined;
    if (x !== undefined) {
      this.#pill.style.left = `${u.valToPos(x, "x")}px`;
      this.#pill.textContent = number(x);
    }
    this.#onPoint(this.#at);
  }
}

/** Put a mark at a point, or hide it when that is out of sight. */
function put(u: uPlot, mark: HTMLElement, x: number | undefined, y: number | undefined): void {
  const known = x !== undefined && y !== undefined && Number.isFinite(y);
  const left = known ? u.valToPos(x, "x") : -1;
  mark.hidden = !known || left < -0.5 || left > u.over.clientWidth + 0.5;
  if (mark.hidden) return;
  mark.style.left = `${left}px`;
  mark.style.top = `${u.valToPos(y as number, "y")}px`;
}

function overlay(className: string): HTMLElement {
  const el = document.createElement("div");
  el.className = className;
  el.hidden = true;
  return el;
}

function sizeOf(place: HTMLElement): { width: number; height: number } {
  const width = Math.max(200, place.clientWidth);
  return { width, height: width < NARROW ? HEIGHT - 40 : HEIGHT };
}
