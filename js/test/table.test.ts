import { describe, expect, it } from "vitest";
import type { Row } from "../src/lib/model.ts";
import { axisFor, courseOf, courseWords, NOW_AT, ranFor } from "../src/table/clock.ts";
import { targetOf } from "../src/table/keys.ts";
import { comparer } from "../src/table/order.ts";
import { openStore, type TableStore } from "../src/table/store.ts";
import { offsets, rowAt, windowOf } from "../src/table/window.ts";
import { KernelModel } from "./model.ts";
import { frame, NOW, row, secondsAgo, snapshot } from "./rows.ts";

const ids = (rows: readonly { id: string }[] | null) => rows?.map(({ id }) => id);

describe("order", () => {
  const inOrder = (rows: Row[]) => [...rows].sort(comparer("status", NOW));

  it("is running, failed, starting, queued, unknown, then finished by recency", () => {
    const rows = [
      row("done-old", "DONE", { finished: secondsAgo(500) }),
      row("queued-2", "QUEUED", { position: 2 }),
      row("new-word", "PAUSED_BY_MOON"),
      row("cancelled", "CANCELLED", { finished: secondsAgo(100) }),
      row("starting", "INITIALIZING"),
      row("failed", "ERROR", { finished: secondsAgo(900) }),
      row("queued-1", "QUEUED", { position: 1 }),
      row("queued-unknown", "QUEUED"),
      row("running", "RUNNING"),
      row("done-new", "DONE", { finished: secondsAgo(5) }),
    ];
    expect(ids(inOrder(rows))).toEqual([
      "running",
      "failed",
      "starting",
      "queued-1",
      "queued-2",
      "queued-unknown",
      "new-word",
      "done-new",
      "cancelled",
      "done-old",
    ]);
  });

  it("puts what ended nobody knows when last by how long it ran, either way", () => {
    const rows = [
      row("unknown", "DONE", { started: secondsAgo(900) }),
      row("short", "DONE", { started: secondsAgo(9), finished: secondsAgo(8) }),
      row("running", "RUNNING", { started: secondsAgo(600) }),
    ];
    expect(ids([...rows].sort(comparer("ran", NOW)))).toEqual(["short", "running", "unknown"]);
    expect(ids([...rows].sort(comparer("-ran", NOW)))).toEqual(["running", "short", "unknown"]);
  });

  it("does not depend on the order of arrival", () => {
    const rows = ["b", "c", "a"].map((id) => row(id, "QUEUED"));
    expect(ids(inOrder(rows))).toEqual(ids(inOrder(rows.reverse())));
  });

  it("of two queued without a place is by age", () => {
    const rows = [row("young", "QUEUED", { created: secondsAgo(1) }), row("old", "QUEUED")];
    expect(ids(inOrder(rows))).toEqual(["old", "young"]);
  });
});

describe("window", () => {
  const of = (heights: number[]) => offsets(heights.length, (row) => heights[row] as number);
  const starts = of([30, 30, 55, 30, 30]);

  it("knows where rows of different height begin", () => {
    expect([...starts]).toEqual([0, 30, 60, 115, 145, 175]);
    expect(rowAt(starts, 59)).toBe(1);
    expect(rowAt(starts, 60)).toBe(2);
    expect(rowAt(starts, 114.5)).toBe(2);
    expect(rowAt(starts, 9999)).toBe(4);
  });

  it("holds what is in sight and some rows around", () => {
    const many = offsets(10_000, () => 30);
    expect(windowOf(many, 3000, 540, 8)).toEqual([92, 127]);
    expect(windowOf(many, 0, 540, 8)).toEqual([0, 27]);
    expect(windowOf(many, 1e9, 540, 8)).toEqual([9991, 10_000]);
    expect(windowOf(of([]), 0, 540, 8)).toEqual([0, 0]);
  });

  it("has keys that move by row, page and to the ends", () => {
    const moves = ["ArrowDown", "ArrowUp", "PageDown", "PageUp", "Home", "End", "k"];
    expect(moves.map((key) => targetOf(key, 20, 100))).toEqual([21, 19, 35, 5, 0, 99, null]);
  });
});

describe("wait and run", () => {
  const running = row("r", "RUNNING", {
    created: secondsAgo(1000),
    started: secondsAgo(192),
    estimate: 270,
  });

  it("chooses the shortest span that holds what is unfinished", () => {
    expect(axisFor([running], NOW).past).toBe(25 * 60_000);
    expect(axisFor([row("q", "QUEUED", { created: secondsAgo(20) })], NOW).past).toBe(2.5 * 60_000);
    expect(axisFor([row("q", "QUEUED", { created: secondsAgo(9e6) })], NOW).past).toBe(
      1200 * 60_000,
    );
  });

  it("puts whole times on its ticks, none at the edge or on now", () => {
    const { ticks } = axisFor([running], NOW);
    expect(ticks.map(({ text }) => text)).toEqual(["13:50"]);
    for (const { at } of ticks) expect(at > 12 && at < NOW_AT - 27).toBe(true);
  });

  it("draws waiting, running and the estimate end to end", () => {
    const axis = axisFor([running], NOW);
    const [wait, run, estimate] = courseOf(running, axis).bars;
    expect(wait?.kind).toBe("wait");
    expect((wait?.left ?? 0) + (wait?.width ?? 0)).toBeCloseTo(run?.left ?? 0);
    expect((run?.left ?? 0) + (run?.width ?? 0)).toBeCloseTo(NOW_AT);
    expect(estimate).toMatchObject({ kind: "estimate", left: NOW_AT });
    expect(courseOf(running, axis).tone).toBe("run");
  });

  it("marks what lies before the window", () => {
    const axis = axisFor([running], NOW);
    const old = row("o", "DONE", {
      created: secondsAgo(9e4),
      started: secondsAgo(8e4),
      finished: secondsAgo(7e4),
    });
    expect(courseOf(old, axis)).toEqual({ tone: "over", bars: [], older: true });
  });

  it("draws no bar for times nobody knows", () => {
    const axis = axisFor([running], NOW);
    const bare = row("b", "RUNNING", { created: null });
    expect(courseOf(bare, axis).bars).toEqual([]);
    expect(ranFor(bare, NOW)).toBeNull();
  });

  it.each([
    [running, "waited 13 min 28 s, running 3 min 12 s of about 4 min 30 s"],
    [row("q", "QUEUED", { created: secondsAgo(90) }), "waiting 1 min 30 s"],
    [
      row("e", "ERROR", {
        created: secondsAgo(50),
        started: secondsAgo(10),
        finished: secondsAgo(7),
      }),
      "waited 40 s, failed after 3 s",
    ],
    [
      row("d", "DONE", { started: secondsAgo(60), finished: secondsAgo(0) }),
      "waited 15 min 40 s, ran 1 min",
    ],
    [row("c", "CANCELLED", { created: secondsAgo(30), finished: secondsAgo(10) }), "waited 20 s"],
    [row("n", "QUEUED", { created: null }), ""],
  ])("says it in words", (job, words) => {
    expect(courseWords(job, NOW).replaceAll("\u202f", " ")).toBe(words);
  });
});

describe("store", () => {
  const open = (rows = [row("a", "QUEUED"), row("b", "RUNNING")]) => {
    const model = new KernelModel({ snapshot: snapshot(rows), patch: {} });
    return { model, store: openStore(model) };
  };
  const listed = (store: TableStore) => store.known.value?.listed ?? null;
  const statuses = (store: TableStore) => listed(store)?.map(({ id, status }) => [id, status]);

  it("takes patches that fit, in any overlap", () => {
    const { model, store } = open();
    model.receive({
      patch: { base: 5, rev: 6, total: 2, changed: { n: [0], status: ["RUNNING"] } },
    });
    model.receive({
      patch: { base: 4, rev: 8, total: 2, rows: frame([row("c", "QUEUED")], 2), gone: [1] },
    });
    expect(statuses(store)).toEqual([
      ["a", "RUNNING"],
      ["c", "QUEUED"],
    ]);
    expect(model.sent).toEqual([]);
  });

  it("leaves what it knows already", () => {
    const { model, store } = open();
    model.receive({ patch: { base: 3, rev: 5, total: 1, gone: [0] } });
    expect(ids(listed(store))).toEqual(["b", "a"]);
  });

  it("asks for a snapshot after a gap, once, and goes on from it", () => {
    const { model, store } = open();
    model.receive({ patch: { base: 7, rev: 8, total: 2, changed: { n: [0], status: ["DONE"] } } });
    model.receive({ patch: { base: 8, rev: 9, total: 2, changed: { n: [1], status: ["DONE"] } } });
    expect(model.sent).toEqual([{ kind: "resync", rev: 5 }]);
    expect(statuses(store)).toEqual([
      ["b", "RUNNING"],
      ["a", "QUEUED"],
    ]);
    model.receive({ snapshot: snapshot([row("a", "DONE")], { rev: 9 }) });
    expect(ids(listed(store))).toEqual(["a"]);
    model.receive({ patch: { base: 11, rev: 12, total: 1 } });
    expect(model.sent.at(-1)).toEqual({ kind: "resync", rev: 9 });
  });

  it("asks for a snapshot when a row has changed that it does not have", () => {
    const { model, store } = open();
    model.receive({ patch: { base: 5, rev: 6, total: 3, changed: { n: [2], status: ["DONE"] } } });
    expect(model.sent).toEqual([{ kind: "resync", rev: 5 }]);
    expect(ids(listed(store))).toEqual(["b", "a"]);
  });

  it("asks for the rest once, and counts with the kernel until it is there", () => {
    const model = new KernelModel({
      snapshot: snapshot([row("a", "QUEUED")], { total: 3, counts: { QUEUED: 1, DONE: 2 } }),
      patch: {},
    });
    const store = openStore(model);
    expect(store.known.value?.counts.get("DONE")).toBe(2);
    store.wantRest();
    store.wantRest();
    expect(model.sent).toEqual([{ kind: "rest" }]);
    const rest = frame([row("b", "DONE"), row("c", "ERROR")], 1);
    model.receive({ patch: { base: 5, rev: 6, total: 3, rows: rest } });
    expect(Object.fromEntries(store.known.value?.counts ?? [])).toEqual({
      QUEUED: 1,
      DONE: 1,
      ERROR: 1,
    });
    store.wantRest();
    expect(model.sent).toHaveLength(1);
  });

  it("shows a cancelled job as cancelling until it is answered", () => {
    const { model, store } = open();
    const cancelling = () => listed(store)?.find(({ id }) => id === "b")?.cancelling;
    store.cancel(["b"]);
    expect(model.sent).toEqual([{ kind: "cancel", job: "b" }]);
    expect(cancelling()).toBe(true);
    // news of the job that were on their way are no answer
    model.receive({ patch: { base: 5, rev: 6, total: 2, changed: { n: [1], usage: [2] } } });
    expect(cancelling()).toBe(true);
    const note = "The job can't be cancelled any more.";
    model.receive({
      patch: { base: 6, rev: 7, total: 2, changed: { n: [1], note: [note], refused: [true] } },
    });
    expect(cancelling()).toBe(false);
  });

  it("tells what became of several jobs cancelled together", () => {
    const { model, store } = open([row("a", "QUEUED"), row("b", "RUNNING"), row("c", "QUEUED")]);
    store.cancel(["a", "b", "c"]);
    expect(model.sent).toEqual([{ kind: "cancel", jobs: ["a", "b", "c"] }]);
    const changed = { n: [0, 1], status: ["CANCELLED", "DONE"] };
    model.receive({ patch: { base: 5, rev: 6, total: 3, changed } });
    expect(store.outcome.value).toEqual({ jobs: ["a", "b", "c"], cancelled: 1, refused: 1 });
    // What the browser had to say of a job counted as a cancel that was refused.
    const remark = { n: [2], note: ["The browser did not notify."] };
    model.receive({ patch: { base: 6, rev: 7, total: 3, changed: remark } });
    expect(store.outcome.value?.refused).toBe(1);
    store.dismiss();
    expect(store.outcome.value).toBeNull();
  });

  // A cancel that the kernel did not live to send was shown as "cancelling…" for ever.
  it("forgets what it asked of a kernel that has gone, and tells it nothing more", () => {
    const { model, store } = open();
    store.cancel(["b"]);
    store.forget();
    expect(listed(store)?.some(({ cancelling }) => cancelling)).toBe(false);
    store.put("sort", "id");
    store.wantRest();
    expect(ids(listed(store))).toEqual(["a", "b"]);
    expect(model.sent).toHaveLength(1);
  });

  it("lists what is asked for", () => {
    const { store } = open([row("a", "QUEUED", { tags: ["vqe"] }), row("b", "RUNNING")]);
    store.put("filter", { text: "VQE" });
    expect(ids(listed(store))).toEqual(["a"]);
    store.put("filter", {});
    store.put("sort", "-id");
    expect(ids(listed(store))).toEqual(["b", "a"]);
  });

  // It told the kernel 200 ms later. A widget manager passes over the kernel's echo of a value only
  // where a newer one has been saved: a second click, or the next letter, was undone by it.
  it("saves each choice as it is made", () => {
    const { model, store } = open();
    const saved: unknown[] = [];
    model.save_changes = () => saved.push(model.get("sort"));
    store.put("sort", "created");
    store.put("sort", "-created");
    expect(saved).toEqual(["created", "-created"]);
  });

  it("no longer has jobs selected that are gone", () => {
    const { model, store } = open();
    store.selected.value = new Set(["a", "b"]);
    model.receive({ patch: { base: 5, rev: 6, total: 1, gone: [0] } });
    expect([...store.selected.value]).toEqual(["b"]);
  });

  it("has news of the current and the selected jobs only", () => {
    const { model, store } = open();
    store.selected.value = new Set(["a"]);
    model.receive({ patch: { base: 5, rev: 6, total: 2, changed: { n: [1], status: ["DONE"] } } });
    expect(store.news.value).toBeNull();
    model.receive({ patch: { base: 6, rev: 7, total: 2, changed: { n: [0], status: ["DONE"] } } });
    expect(store.news.value).toMatchObject({ id: "a", status: "DONE" });
  });

  it("lets go of the model", () => {
    const { model, store } = open();
    store.close();
    expect(model.listening).toBe(0);
  });
});
