/** The points of one plot, kept from the kernel's snapshot and appended columns. */
import { type Cell, cell, traitCell } from "../lib/cell.ts";
import { type Model, onChange } from "../lib/model.ts";
import { judge } from "../lib/revisions.ts";
import type { State } from "../lib/widget.ts";
import { Column, numbers } from "./columns.ts";

type Mark = [index: number, value: number];

/** The points of one source: of a job's stream, or of the jobs of a group. */
export interface Track {
  /** Where each stands on the x axis: the number of its message, or its place in the group. */
  seq: Float64Array;
  /** One column for each field shown; NaN where there is no value. */
  values: Float64Array[];
  /** Index and number of each attempt that begins. */
  attempts: readonly Mark[];
  /** Index of each point before which messages are missing, and how many. */
  lost: readonly Mark[];
  /** The job of each point, where points are jobs. */
  ids: readonly string[];
}

export interface Points {
  shown: readonly string[];
  tracks: readonly Track[];
}

/** Columns as they come: the points of one source from number `base` up to `rev`. */
interface Part {
  source: number;
  base: number;
  rev: number;
  seq: DataView;
  values: DataView[];
  attempts?: Mark[];
  lost?: Mark[];
  ids?: string[];
}

export interface PlotStore extends State {
  /** What is drawn; of another choice of fields only once its points have come. */
  points: Cell<Points>;
  /** The fields that were asked for last. */
  wanted: Cell<readonly string[]>;
  /** Ask the kernel for the points of other fields. */
  choose(fields: readonly string[]): void;
}

/** What grows as columns come in. */
class Growing {
  readonly seq = new Column();
  readonly values: Column[];
  readonly attempts: Mark[] = [];
  readonly lost: Mark[] = [];
  readonly ids: string[] = [];

  constructor(fields: number) {
    this.values = Array.from({ length: fields }, () => new Column());
  }

  push(part: Part): void {
    // an overlap with what is known is cut off
    const known = this.seq.length;
    const skip = known - part.base;
    this.seq.push(numbers(part.seq).subarray(skip));
    for (const [i, column] of this.values.entries()) {
      column.push(numbers(part.values[i]).subarray(skip));
    }
    this.attempts.push(...(part.attempts ?? []).filter(([index]) => index >= known));
    this.lost.push(...(part.lost ?? []).filter(([index]) => index >= known));
    this.ids.push(...(part.ids ?? []).slice(skip));
  }

  view(): Track {
    const [attempts, lost, ids] = [this.attempts.slice(), this.lost.slice(), this.ids.slice()];
    const values = this.values.map((column) => column.view());
    return { seq: this.seq.view(), values, attempts, lost, ids };
  }
}

/** Keep the points of one model: its traits `snapshot` and `append`. */
export function openStore(model: Model): PlotStore {
  const points = cell<Points>({ shown: [], tracks: [] });
  let shown: readonly string[] = [];
  let growing: Growing[] = [];
  let resyncing = false;

  const show = (): void => {
    points.value = { shown, tracks: growing.map((each) => each.view()) };
  };
  const takeSnapshot = (): void => {
    const snapshot = model.get("snapshot") as { shown?: string[]; parts?: Part[] } | null;
    if (!snapshot?.parts) return;
    resyncing = false;
    shown = snapshot.shown ?? [];
    growing = snapshot.parts.map((part) => {
      const fresh = new Growing(shown.length);
      fresh.push(part);
      return fresh;
    });
    show();
  };
  const takeAppended = (): void => {
    const appended = model.get("append") as { parts?: Part[] } | null;
    for (const part of appended?.parts ?? []) {
      const track = growing[part.source];
      const verdict = track ? judge(track.seq.length, part) : "gap";
      if (verdict === "apply") track?.push(part);
      else if (verdict === "gap" && !resyncing) {
        resyncing = true;
        model.send({ kind: "resync", rev: track?.seq.length ?? 0 });
      }
    }
    show();
  };
  const stops = [
    onChange(model, ["snapshot"], takeSnapshot),
    onChange(model, ["append"], takeAppended),
  ];
  takeSnapshot();
  if (growing.length > 0) takeAppended();
  return {
    points,
    wanted: traitCell(model, "shown"),
    choose(fields) {
      model.set("shown", [...fields]);
      model.save_changes();
    },
    close() {
      for (const stop of stops) stop();
    },
  };
}

/** Return how many points there are. */
export function countOf({ tracks }: Points): number {
  return tracks.reduce((sum, track) => sum + track.seq.length, 0);
}
