/**
 * The rows of one table, kept from the kernel's snapshot and patches, and what is asked of them:
 * filter, sort, group. A patch that begins after what is known means something was missed: the
 * kernel is asked for a snapshot, once. A snapshot holds the first rows; the others are asked for
 * when something needs them.
 */
import { type Cell, cell, traitCell, type WritableCell } from "../lib/cell.ts";
import { type Model, onChange, type Row } from "../lib/model.ts";
import { judge } from "../lib/revisions.ts";
import type { State } from "../lib/widget.ts";
import { Book, type Known, type Outcome, type Patch, type Snapshot } from "./book.ts";
import type { Filter, Group } from "./query.ts";

export interface TableStore extends State {
  /** Null until the first snapshot. */
  known: Cell<Known | null>;
  filter: Cell<Filter>;
  sort: Cell<string>;
  group: Cell<Group | null>;
  columns: Cell<string[]>;
  /** "session" or "batch" by session id, as far as known. */
  modes: Cell<Record<string, string>>;
  /** The job opened last. */
  current: Cell<string | null>;
  selected: WritableCell<ReadonlySet<string>>;
  outcome: Cell<Outcome | null>;
  /** The last change worth saying: of the current or a selected job. */
  news: Cell<Row | null>;
  /** Write a trait, here and in the kernel. */
  put(trait: "filter" | "sort" | "group" | "columns" | "current", value: unknown): void;
  /** Have the kernel send the rows that are not here. */
  wantRest(): void;
  /** Ask the kernel to cancel jobs, and show them as cancelling until the truth comes. */
  cancel(ids: readonly string[]): void;
  /** No longer tell what became of the jobs cancelled together. */
  dismiss(): void;
  /** Forget what was asked: the kernel that would have answered has gone. */
  forget(): void;
}

/** Keep the rows of one model; `close` lets go of it. */
export function openStore(model: Model): TableStore {
  const book = new Book();
  const known = cell<Known | null>(null);
  const selected = cell<ReadonlySet<string>>(new Set());
  const outcome = cell<Outcome | null>(null);
  const news = cell<Row | null>(null);
  const asked = traitCell<Filter | null>(model, "filter");
  const filter: Cell<Filter> = {
    get value() {
      return asked.value ?? {};
    },
    onChange: asked.onChange,
  };
  const sort = traitCell<string>(model, "sort");
  const current = traitCell<string | null>(model, "current");
  let resyncing = false;
  let resting = false;
  let alone = false;

  const show = (): void => {
    if (book.rev === null) return;
    known.value = book.known();
    const { value } = outcome;
    if (value) outcome.value = book.outcomeOf(value.jobs);
    const here = [...selected.value].filter((id) => book.rows.has(id));
    if (here.length < selected.value.size) selected.value = new Set(here);
  };
  const relist = (): void => {
    book.list(filter.value, sort.value ?? "status", Date.now());
    show();
  };
  const takeSnapshot = (): void => {
    const snapshot = model.get("snapshot") as Partial<Snapshot> | null;
    if (snapshot?.rows === undefined || snapshot.rev === undefined) return;
    resyncing = resting = false;
    book.begin(snapshot as Snapshot);
    relist();
  };
  const resync = (): void => {
    if (resyncing) return;
    resyncing = true;
    model.send({ kind: "resync", rev: book.rev ?? 0 });
  };
  const takePatch = (): void => {
    const patch = model.get("patch") as Partial<Patch> | null;
    if (patch?.base === undefined || patch.rev === undefined) return;
    const verdict = judge(book.rev ?? 0, patch as Patch);
    if (verdict === "gap") resync();
    if (verdict !== "apply") return;
    const turned = book.take(patch as Patch);
    // they are in the book now, and may be thousands: a notebook that is saved need not hold them
    if ((patch as Patch).rows) model.set("patch", {});
    if (turned === null) {
      resync();
      return;
    }
    const told = turned.find((row) => selected.value.has(row.id) || row.id === current.value);
    if (told) news.value = told;
    show();
  };
  const stops = [
    onChange(model, ["snapshot"], takeSnapshot),
    onChange(model, ["patch"], takePatch),
    onChange(model, ["filter", "sort"], relist),
  ];
  takeSnapshot();
  takePatch();
  return {
    known,
    filter,
    sort,
    current,
    group: traitCell(model, "group"),
    columns: traitCell(model, "columns"),
    modes: traitCell(model, "modes"),
    selected,
    outcome,
    news,
    put(trait, value) {
      model.set(trait, value);
      // at once: the kernel's echo of what was saved before would undo what is not saved yet
      if (!alone) model.save_changes();
    },
    wantRest() {
      if (alone || resting || !known.value || known.value.rows.size >= known.value.total) return;
      resting = true;
      model.send({ kind: "rest" });
    },
    cancel(ids) {
      outcome.value = ids.length > 1 ? { jobs: ids, cancelled: 0, refused: 0 } : null;
      book.ask(ids);
      show();
      const [job] = ids;
      if (ids.length === 1 && job) model.send({ kind: "cancel", job });
      else model.send({ kind: "cancel", jobs: [...ids] });
    },
    dismiss() {
      outcome.value = null;
    },
    forget() {
      alone = true;
      outcome.value = null;
      book.unask();
      show();
    },
    close() {
      for (const stop of stops) stop();
    },
  };
}
