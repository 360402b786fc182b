/**
 * The rows of one table, kept from the kernel's snapshot and patches. A patch that begins after
 * what is known means something was missed: the kernel is asked for a snapshot, once.
 */
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { traitSignal } from "../lib/live.ts";
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
  rows: ReadonlySignal<Row[] | null>;
  /** How many jobs there are, of which the rows may be the newest. */
  total: ReadonlySignal<number>;
  /** Ask the kernel to cancel a job, and show it as cancelling until the truth comes. */
  cancel(id: string): void;
}

/** Keep the rows of one model; `close` lets go of it. */
export function openStore(model: Model): TableStore {
  const known = signal<Known | null>(null);
  const [total, stopTotal] = traitSignal<number | null>(model, "total");
  const asked = signal<ReadonlySet<string>>(new Set());
  let resyncing = false;

  const heard = (rows: readonly Row[]): void => {
    // its answer is a final status, the kernel's own "cancelling", or the reason of a refusal
    const answered = rows.filter(
      (row) => isFinal(row.status) || row.cancelling || row.note !== null,
    );
    const left = new Set(asked.value);
    for (const row of answered) left.delete(row.id);
    if (left.size !== asked.value.size) asked.value = left;
  };
  const takeSnapshot = (): void => {
    const snapshot = model.get("snapshot") as Partial<Snapshot> | null;
    if (snapshot?.rows === undefined || snapshot.rev === undefined) return;
    resyncing = false;
    heard(snapshot.rows);
    const rows = new Map(snapshot.rows.map((row) => [row.id, row]));
    known.value = { rev: snapshot.rev, rows };
  };
  const takePatch = (): void => {
    const patch = model.get("patch") as Partial<Patch> | null;
    if (!isPatch(patch)) return;
    const own = known.value ?? { rev: 0, rows: new Map<string, Row>() };
    const verdict = judge(own.rev, patch);
    if (verdict === "apply") {
      heard(patch.rows);
      known.value = patched(own, patch);
    } else if (verdict === "gap" && !resyncing) {
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

  const ordered = computed(() => known.value && inOrder(known.value.rows.values()));
  return {
    rows: computed(() => {
      const waiting = asked.value;
      const rows = ordered.value;
      if (rows === null || waiting.size === 0) return rows;
      return rows.map((row) => (waiting.has(row.id) ? { ...row, cancelling: true } : row));
    }),
    total: computed(() => Math.max(total.value ?? 0, known.value?.rows.size ?? 0)),
    cancel(id) {
      asked.value = new Set(asked.value).add(id);
      model.send({ kind: "cancel", job: id });
    },
    close() {
      for (const stop of [...stops, stopTotal]) stop();
    },
  };
}

function isPatch(patch: Partial<Patch> | null): patch is Patch {
  return patch?.rows !== undefined && patch.base !== undefined && patch.rev !== undefined;
}
