import { describe, expect, it } from "vitest";
import { axisFor, courseOf, courseWords, NOW_AT, ranFor } from "../src/table/clock.ts";
import { targetOf } from "../src/table/grid.tsx";
import { inOrder } from "../src/table/order.ts";
import { openStore } from "../src/table/store.ts";
import { offsets, rowAt, windowOf } from "../src/table/window.ts";
import { KernelModel } from "./model.ts";
import { NOW, row, secondsAgo } from "./rows.ts";

const ids = (rows: readonly { id: string }[] | null) => rows?.map(({ id }) => id);

describe("order", () => {
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
  const starts = offsets([30, 30, 55, 30, 30]);

  it("knows where rows of different height begin", () => {
    expect([...starts]).toEqual([0, 30, 60, 115, 145, 175]);
    expect(rowAt(starts, 59)).toBe(1);
    expect(rowAt(starts, 60)).toBe(2);
    expect(rowAt(starts, 114.5)).toBe(2);
    expect(rowAt(starts, 9999)).toBe(4);
  });

  it("holds what is in sight and some rows around", () => {
    const many = offsets(new Array(10_000).fill(30));
    expect(windowOf(many, 3000, 540, 8)).toEqual([92, 127]);
    expect(windowOf(many, 0, 540, 8)).toEqual([0, 27]);
    expect(windowOf(many, 1e9, 540, 8)).toEqual([9991, 10_000]);
    expect(windowOf(offsets([]), 0, 540)).toEqual([0, 0]);
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
    const model = new KernelModel({ snapshot: { rev: 5, rows }, patch: {} });
    return { model, store: openStore(model) };
  };

  it("takes patches that fit, in any overlap", () => {
    const { model, store } = open();
    model.receive({ patch: { base: 5, rev: 6, rows: [row("a", "RUNNING")], gone: [] } });
    model.receive({ patch: { base: 4, rev: 8, rows: [row("c", "QUEUED")], gone: ["b"] } });
    expect(store.rows.value?.map(({ id, status }) => [id, status])).toEqual([
      ["a", "RUNNING"],
      ["c", "QUEUED"],
    ]);
    expect(model.sent).toEqual([]);
  });

  it("leaves what it knows already", () => {
    const { model, store } = open();
    model.receive({ patch: { base: 3, rev: 5, rows: [row("b", "ERROR")], gone: ["a"] } });
    expect(ids(store.rows.value)).toEqual(["b", "a"]);
  });

  it("asks for a snapshot after a gap, once, and goes on from it", () => {
    const { model, store } = open();
    model.receive({ patch: { base: 7, rev: 8, rows: [row("a", "DONE")], gone: [] } });
    model.receive({ patch: { base: 8, rev: 9, rows: [row("b", "DONE")], gone: [] } });
    expect(model.sent).toEqual([{ kind: "resync", rev: 5 }]);
    expect(store.rows.value?.map(({ status }) => status)).toEqual(["RUNNING", "QUEUED"]);
    model.receive({ snapshot: { rev: 9, rows: [row("a", "DONE")] } });
    expect(ids(store.rows.value)).toEqual(["a"]);
    model.receive({ patch: { base: 11, rev: 12, rows: [], gone: [] } });
    expect(model.sent.at(-1)).toEqual({ kind: "resync", rev: 9 });
  });

  it("starts from patches alone, when they begin at nothing", () => {
    const model = new KernelModel({ snapshot: null, patch: {} });
    const store = openStore(model);
    expect(store.rows.value).toBeNull();
    model.receive({ patch: { base: 0, rev: 2, rows: [row("a", "QUEUED")], gone: [] } });
    expect(ids(store.rows.value)).toEqual(["a"]);
  });

  it("shows a cancelled job as cancelling until it is answered", () => {
    const { model, store } = open();
    const cancelling = () => store.rows.value?.find(({ id }) => id === "b")?.cancelling;
    store.cancel("b");
    expect(model.sent).toEqual([{ kind: "cancel", job: "b" }]);
    expect(cancelling()).toBe(true);
    // news of the job that were on their way are no answer
    model.receive({
      patch: { base: 5, rev: 6, rows: [row("b", "RUNNING", { usage: 2 })], gone: [] },
    });
    expect(cancelling()).toBe(true);
    const refused = row("b", "RUNNING", { note: "The job can't be cancelled any more." });
    model.receive({ patch: { base: 6, rev: 7, rows: [refused], gone: [] } });
    expect(cancelling()).toBe(false);
  });

  // A cancel that the kernel did not live to send was shown as "cancelling…" for ever.
  it("forgets what it asked of a kernel that has gone", () => {
    const { store } = open();
    store.cancel("b");
    store.forget();
    expect(store.rows.value?.some(({ cancelling }) => cancelling)).toBe(false);
  });

  it("lets go of the model", () => {
    const { model, store } = open();
    store.close();
    expect(model.listening).toBe(0);
  });
});
