/** The points of one plot, kept from the kernel's snapshot and appended columns. */
import { type Cell, cell } from "../lib/cell.ts";
import { type Model, onChange } from "../lib/model.ts";
import { judge } from "../lib/revisions.ts";
import type { State } from "../lib/widget.ts";
import { Column, NO_POINTS, numbers, type Points } from "./points.ts";

/** Columns as they come: the points from number `base` up to `rev`. */
interface Columns {
  base: number;
  rev: number;
  seq: DataView;
  attempt: DataView;
  value: DataView;
}

export interface PlotStore extends State {
  points: Cell<Points>;
  /** Which field the points are of: the one picked only once its points have come. */
  field: Cell<string>;
  /** Ask the kernel for the points of another field. */
  pick(field: string): void;
}

/** Keep the points of one model; the revision is their number. */
export function openStore(model: Model): PlotStore {
  const points = cell(NO_POINTS);
  const shown = cell("");
  let columns = fresh();
  let resyncing = false;
  let picking = false;

  const name = (): void => {
    if (!picking) shown.value = (model.get("field") as string | null) ?? "";
  };

  const push = (more: Columns, from: number): void => {
    for (const name of ["seq", "attempt", "value"] as const) {
      columns[name].push(numbers(more[name]).subarray(from));
    }
    points.value = {
      seq: columns.seq.view(),
      attempt: columns.attempt.view(),
      value: columns.value.view(),
    };
  };
  const takeSnapshot = (): void => {
    const snapshot = columnsOf(model.get("snapshot"));
    if (snapshot === null) return;
    resyncing = false;
    picking = false;
    columns = fresh();
    name();
    push(snapshot, 0);
  };
  const takeAppended = (): void => {
    const more = columnsOf(model.get("append"));
    if (more === null) return;
    const own = columns.seq.length;
    const verdict = judge(own, more);
    // an overlap with what is known is cut off
    if (verdict === "apply") push(more, own - more.base);
    else if (verdict === "gap" && !resyncing) {
      resyncing = true;
      model.send({ kind: "resync", rev: own });
    }
  };
  const stops = [
    onChange(model, ["snapshot"], takeSnapshot),
    onChange(model, ["append"], takeAppended),
    onChange(model, ["field"], name),
  ];
  name();
  takeSnapshot();
  takeAppended();
  return {
    points,
    field: shown,
    pick(field) {
      // a busy kernel answers late, and one that has gone never
      picking = true;
      model.set("field", field);
      model.save_changes();
    },
    close() {
      for (const stop of stops) stop();
    },
  };
}

function fresh(): Record<"seq" | "attempt" | "value", Column> {
  return { seq: new Column(), attempt: new Column(), value: new Column() };
}

function columnsOf(trait: unknown): Columns | null {
  const columns = trait as Partial<Columns> | null | undefined;
  if (!columns?.seq || !columns.attempt || !columns.value) return null;
  return { base: 0, rev: columns.seq.byteLength / 8, ...columns } as Columns;
}
