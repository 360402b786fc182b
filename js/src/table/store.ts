/**
 * The rows of one table, kept from the kernel's snapshot and patches. A patch that begins after
 * what is known means something was missed: the kernel is asked for a snapshot, once.
 */
import { type Cell, cell } from "../lib/cell.ts";
import { type Model, onChange, type Row } from "../lib/model.ts";
import { judge } from "../lib/revisions.ts";
import { isFinal } from "../lib/status.ts";
import type { State } from "../lib/widget.ts";
import { inOrder } from "./order.ts";

export interface Snapshot {
  rev: number;
  rows: Row[];
}

export interface Patch {
  base: number;
  rev: number;
  rows: Row[];
  gone: string[];
}

/** What is known at one revision. */
export interface Known {
  rev: number;
  rows: ReadonlyMap<string, Row>;
}

/** Return what is known after a patch that fits. */
export function patched(known: Known, patch: Patch): Known {
  const rows = new Map(known.rows);
  for (const row of patch.rows) rows.set(row.id, row);
  for (const id of patch.gone) rows.delete(id);
  return { rev: patch.rev, rows };
}

export interface TableStore extends State {
  /** In order; null until the first snapshot. */
  rows: Cell<Row[] | null>;
  /** Ask the kernel to cancel a job, and show it as cancelling until the truth comes. */
  cancel(id: string): void;
  /** Forget what was asked: the kernel that would have answered has gone. */
  forget(): void;
}

/** Keep the rows of one model; `close` lets go of it. */
export function openStore(model: Model): TableStore {
  const shown = cell<Row[] | null>(null);
  let known: Known | null = null;
  const asked = new Set<string>();
  let resyncing = false;

  const show = (): void => {
    if (known === null) return;
    const rows = inOrder(known.rows.values());
    shown.value = rows.map((row) => (asked.has(row.id) ? { ...row, cancelling: true } : row));
  };
  const take = (next: Known, changed: readonly Row[]): void => {
    known = next;
    for (const row of changed) if (answers(row)) asked.delete(row.id);
    show();
  };
  const takeSnapshot = (): void => {
    const snapshot = model.get("snapshot") as Partial<Snapshot> | null;
    if (snapshot?.rows === undefined || snapshot.rev === undefined) return;
    resyncing = false;
    const rows = new Map(snapshot.rows.map((row) => [row.id, row]));
    take({ rev: snapshot.rev, rows }, snapshot.rows);
  };
  const takePatch = (): void => {
    const patch = model.get("patch") as Partial<Patch> | null;
    if (!isPatch(patch)) return;
    const own = known ?? { rev: 0, rows: new Map<string, Row>() };
    const verdict = judge(own.rev, patch);
    if (verdict === "apply") take(patched(own, patch), patch.rows);
    else if (verdict === "gap" && !resyncing) {
      resyncing = true;
      model.send({ kind: "resync", rev: own.rev });
    }
  };
  const stops = [
    onChange(model, ["snapshot"], takeSnapshot),
    onChange(model, ["patch"], takePatch),
  ];
  takeSnapshot();
  takePatch();
  return {
    rows: shown,
    cancel(id) {
      asked.add(id);
      show();
      model.send({ kind: "cancel", job: id });
    },
    forget() {
      asked.clear();
      show();
    },
    close() {
      for (const stop of stops) stop();
    },
  };
}

/** Whether a row answers a cancel: the end, the kernel's own "cancelling", or why it refused. */
function answers(row: Row): boolean {
  return isFinal(row.status) || row.cancelling || row.note !== null;
}

function isPatch(patch: Partial<Patch> | null): patch is Patch {
  return patch?.rows !== undefined && patch.base !== undefined && patch.rev !== undefined;
}
