import { describe, expect, it } from "vitest";
import { Column, nearest, numbers } from "../src/plot/columns.ts";
import { heights, panelsOf, runningBest, trendOf } from "../src/plot/curves.ts";
import { type Facts, type Field, factsOf, type Source } from "../src/plot/facts.ts";
import { power } from "../src/plot/options.ts";
import { amount, interruption, nothingYet, spoken } from "../src/plot/phrases.ts";
import {
  decimalsFor,
  distance,
  endOfAxis,
  quantity,
  rangeOf,
  tickDecimals,
} from "../src/plot/scale.ts";
import { countOf, openStore, type Track } from "../src/plot/store.ts";
import { KernelModel } from "./model.ts";

const f64 = (...values: number[]) => Float64Array.from(values);
const field = (name: string, facts: Partial<Field> = {}): Field => ({
  name,
  panel: name,
  unit: "",
  reference: null,
  goal: null,
  ...facts,
});
const source = (facts: Partial<Source> = {}): Source => ({
  label: "a",
  job: null,
  group: null,
  deleted: false,
  stream: "open",
  reconnects: 0,
  reconnected: null,
  missed: 0,
  message: null,
  ...facts,
});
const facts = (fields: Field[], sources: Source[] = [source()]): Facts => ({
  fields,
  sources,
  x_label: "evaluation",
});
const track = (seq: number[], values: number[][], more: Partial<Track> = {}): Track => ({
  seq: f64(...seq),
  values: values.map((column) => f64(...column)),
  attempts: [[0, 1]],
  lost: [],
  ids: [],
  ...more,
});

describe("running best", () => {
  const value = f64(3, 1, 2, 9, 4);

  it("starts anew with each attempt", () => {
    expect([...runningBest(value, "min", new Set([0, 3]))]).toEqual([3, 1, 1, 9, 4]);
    expect([...runningBest(value, "max", new Set([0, 3]))]).toEqual([3, 3, 3, 9, 9]);
  });

  it("without a goal is the value", () => {
    expect(runningBest(value, null, new Set([0]))).toBe(value);
  });

  it("outlives values that are no numbers", () => {
    const some = f64(Number.NaN, 2, Number.NaN);
    expect([...runningBest(some, "min", new Set([0]))]).toEqual([Number.NaN, 2, 2]);
  });
});

describe("numbers that are none", () => {
  // An infinity sent by a job was the best for ever after, and left the readout no decimals.
  it("are no best value", () => {
    const some = f64(2, Number.NEGATIVE_INFINITY, 1);
    expect([...runningBest(some, "min", new Set([0]))]).toEqual([2, 2, 1]);
  });

  // What nobody knows was shown as "– nHa".
  it("are shown without a unit", () => {
    expect(distance(Number.NaN, "Ha")).toBe("–");
    expect(quantity(Number.POSITIVE_INFINITY, 2, "Ha")).toBe("–");
  });

  // The search for a large enough axis never ended.
  it("end an axis too", () => {
    expect(endOfAxis(Number.NaN)).toBe(10);
  });
});

describe("panels", () => {
  it("are shared by fields of one quantity only", () => {
    const known = facts([
      field("energy", { panel: "Ha", unit: "Ha" }),
      field("std"),
      field("exact energy", { panel: "Ha", unit: "Ha" }),
    ]);
    const points = {
      shown: ["energy", "std", "exact energy"],
      tracks: [track([1], [[1], [2], [3]])],
    };
    const panels = panelsOf(points, known, "linear");
    expect(panels.map(({ title, curves }) => [title, curves.length])).toEqual([
      ["energy, exact energy", 2],
      ["std", 1],
    ]);
  });

  it("draw one job with all attempts, and several each from its latest, counted from 1", () => {
    const restarted = track([1, 2, 4, 5], [[5, 4, 9, 8]], {
      attempts: [
        [0, 1],
        [2, 2],
      ],
      lost: [[3, 7]],
    });
    const alone = panelsOf({ shown: ["e"], tracks: [restarted] }, facts([field("e")]), "linear");
    expect(alone[0]?.curves[0]).toMatchObject({ from: 2, attempts: [{ at: 4, number: 2 }] });
    expect(alone[0]?.curves[0]?.gaps).toMatchObject([{ from: 4, to: 5, missed: 7 }]);
    const compared = panelsOf(
      { shown: ["e"], tracks: [restarted, track([1], [[1]])] },
      facts([field("e")], [source({ label: "a" }), source({ label: "b" })]),
      "linear",
    );
    expect(compared[0]?.curves.map(({ name }) => name)).toEqual(["a, attempt 2", "b"]);
    expect(compared[0]?.curves.map(({ again }) => again)).toEqual([2, null]);
    expect([...(compared[0]?.curves[0]?.x ?? [])]).toEqual([1, 2]);
    expect([...(compared[0]?.curves[0]?.value ?? [])]).toEqual([9, 8]);
    expect(compared[0]?.curves[0]?.attempts).toEqual([]);
  });

  it("are logarithmic where that is possible, and say so where it is not", () => {
    const points = {
      shown: ["p", "n"],
      tracks: [
        track(
          [1, 2],
          [
            [10, 1000],
            [-1, 1],
          ],
        ),
      ],
    };
    const panels = panelsOf(points, facts([field("p"), field("n")]), "log");
    expect(panels.map(({ axis, refused }) => [axis, refused])).toEqual([
      ["log", false],
      ["linear", true],
    ]);
    expect([...(panels[0]?.curves[0]?.y ?? [])]).toEqual([1, 3]);
  });

  it("show the distance to the reference", () => {
    const e = field("e", { reference: -1, goal: "min" });
    const points = { shown: ["e"], tracks: [track([1, 2, 3], [[-0.9, -0.99, -0.9]])] };
    const [panel] = panelsOf(points, facts([e]), "error");
    const logs = [...(panel?.curves[0]?.yBest ?? [])].map((y) => Math.round(1000 * y) / 1000);
    expect(logs).toEqual([-1, -2, -2]);
    expect(panel?.references).toEqual([]);
    expect(heights(f64(-1), "error", -1)[0]).toBeNaN();
  });
});

describe("words", () => {
  const curve = (values: number[]) => {
    const seq = values.map((_, i) => i + 1);
    const points = { shown: ["e"], tracks: [track(seq, [values])] };
    return panelsOf(points, facts([field("e")]), "linear");
  };

  it.each([
    [[8, 7, 6, 5, 4, 3, 2, 1], "falling"],
    [[1, 2, 3, 4, 5, 6, 7, 8], "rising"],
    [[9, 1, 1, 1, 1, 1, 1, 1], "steady"],
    [[1, 2], null],
  ])("say where %j is heading: %s", (values, trend) => {
    const panels = curve(values);
    expect(trendOf(panels[0]?.curves[0] as never)).toBe(trend);
    expect(spoken(panels, "evaluation").endsWith(`, ${trend}`)).toBe(trend !== null);
  });

  it("count what was missed, and jobs", () => {
    const points = { shown: ["e"], tracks: [track([1, 2], [[1, 2]])] };
    expect(amount(points, facts([], [source({ missed: 12 })]))).toBe("2 of 14 values");
    const group = {
      kind: "tag",
      name: "h2",
      jobs: 50,
      done: 37,
      failed: 1,
      cancelled: 0,
      private: 2,
      unread: 0,
    } as const;
    expect(amount(points, facts([], [source({ group })]))).toBe(
      "37/50 jobs done, 1 failed, 2 private, results not read",
    );
  });

  it("tell of an interruption, while it is and after", () => {
    expect(interruption([source()])).toBeNull();
    expect(interruption([source({ stream: "reconnecting" })])).toEqual({
      text: "reconnecting",
      now: true,
    });
    const time = new Date(2026, 10, 20, 13, 59, 40).getTime();
    expect(interruption([source({ reconnected: time, reconnects: 2 })])?.text).toBe(
      "reconnected 13:59:40, 2 times",
    );
  });

  it("say what to do where a program publishes nothing", () => {
    const job = { program: "estimator", status: "DONE", session: null, tags: ['a"b'] };
    const text = nothingYet(facts([], [source({ job: job as never })]));
    expect(text).toContain("estimator publishes no interim results");
    expect(text).toContain('InterimPlot(tag="a\\"b")');
  });

  it("write powers of ten", () => {
    expect([0, 1, -3, 12].map(power)).toEqual(["10⁰", "10¹", "10⁻³", "10¹²"]);
  });
});

describe("columns", () => {
  it("grow in place", () => {
    const column = new Column();
    for (let i = 0; i < 1000; i++) column.push(f64(i, i));
    expect(column.length).toBe(2000);
    expect(column.view()[1999]).toBe(999);
  });

  it("are copied from wherever they lie in the host's buffer", () => {
    const bytes = new Uint8Array(3 + 16);
    bytes.set(new Uint8Array(f64(1.5, -2).buffer), 3);
    expect([...numbers(new DataView(bytes.buffer, 3, 16))]).toEqual([1.5, -2]);
  });
});

it("finds the nearest point", () => {
  const seq = f64(1, 2, 10);
  expect([-5, 1.4, 1.6, 5.9, 6.1, 99].map((x) => nearest(seq, x))).toEqual([0, 0, 1, 1, 2, 2]);
});

describe("scale", () => {
  it.each([
    [0, 10],
    [10, 10],
    [11, 15],
    [76, 100],
    [101, 150],
    [172, 200],
    [1001, 1500],
  ])("ends the axis of %d values at %d", (n, end) => {
    expect(endOfAxis(n)).toBe(end);
  });

  it("keeps air around values and reference", () => {
    const [bottom, top] = rangeOf(-1.14, -0.7, [-1.14]);
    expect(bottom).toBeLessThan(-1.14);
    expect(top).toBeGreaterThan(-0.7);
    expect(rangeOf(0, 0)).toEqual([-1, 1]);
    expect(rangeOf(Infinity, -Infinity)).toEqual([0, 1]);
    expect(rangeOf(-2.3, -2.1, [], true)).toEqual([-3, -2]);
  });

  // The axis moved with each new best value, and the whole picture with it.
  it("keeps the range of values that fall a little further", () => {
    expect(rangeOf(-1.001, 0)).toEqual(rangeOf(-1, 0));
    expect(rangeOf(-1.2, 0)[0]).toBeLessThan(rangeOf(-1, 0)[0]);
    for (const low of [-1, -1.5, -1.99]) {
      const air = low - rangeOf(low, 0)[0];
      expect(air).toBeGreaterThanOrEqual(-0.05 * low);
      expect(air).toBeLessThan(-0.1 * low);
    }
  });

  it("tells values apart with fixed decimals", () => {
    expect([0.47, 12, 5000, 0, 1e-9].map(decimalsFor)).toEqual([5, 3, 1, 4, 8]);
    expect([0.05, 0.1, 2.5, 10].map(tickDecimals)).toEqual([2, 1, 1, 0]);
  });

  it.each([
    [0.0041, "Ha", "4.10_mHa"],
    [1.25, "Ha", "1.25_Ha"],
    [2.4e-6, "Ha", "2.40_µHa"],
    [0, "Ha", "0.00_Ha"],
    [0.5, "", "0.500_00"],
  ])("says a distance of %d %s as %s", (value, unit, text) => {
    expect(distance(value, unit).replaceAll("\u202f", "_")).toBe(text);
  });
});

describe("store", () => {
  const view = (values: number[]) => new DataView(f64(...values).buffer);
  const part = (base: number, values: number[], more: object = {}) => ({
    source: 0,
    base,
    rev: base + values.length,
    seq: view(values.map((_, i) => base + i + 1)),
    values: [view(values)],
    ...more,
  });
  const snapshot = (values: number[], shown = ["e"], more: object = {}) => ({
    shown,
    parts: [part(0, values, more)],
  });
  const append = (base: number, values: number[], more: object = {}) => ({
    parts: [part(base, values, more)],
  });

  it("appends what fits and cuts off what it has", () => {
    const model = new KernelModel({ snapshot: snapshot([1, 2]), append: {} });
    const store = openStore(model);
    model.receive({ append: append(2, [3], { attempts: [[2, 2]] }) });
    model.receive({ append: append(1, [2, 3, 4], { attempts: [[2, 2]], lost: [[3, 5]] }) });
    const [own] = store.points.value.tracks;
    expect([...(own?.values[0] ?? [])]).toEqual([1, 2, 3, 4]);
    expect([...(own?.seq ?? [])]).toEqual([1, 2, 3, 4]);
    expect([own?.attempts, own?.lost]).toEqual([[[2, 2]], [[3, 5]]]);
    expect(countOf(store.points.value)).toBe(4);
  });

  // A paused plot was torn when an attempt began: its marks grew while its points stayed.
  it("hands out points that stay as they are", () => {
    const model = new KernelModel({ snapshot: snapshot([1, 2]), append: {} });
    const store = openStore(model);
    const before = store.points.value.tracks[0];
    model.receive({ append: append(2, [3], { attempts: [[2, 2]], lost: [[2, 5]], ids: ["c"] }) });
    expect([before?.attempts, before?.lost, before?.ids]).toEqual([[], [], []]);
  });

  it("asks for a snapshot after a gap, once, and starts anew with it", () => {
    const model = new KernelModel({ snapshot: snapshot([1]), append: {} });
    const store = openStore(model);
    model.receive({ append: append(5, [6]) });
    model.receive({ append: append(6, [6]) });
    expect(model.sent).toEqual([{ kind: "resync", rev: 1 }]);
    model.receive({ snapshot: snapshot([9, 8, 7]) });
    expect([...(store.points.value.tracks[0]?.values[0] ?? [])]).toEqual([9, 8, 7]);
  });

  // While the kernel was busy, the old field's points stood under the new field's name.
  it("names a chosen field only once its points are there", () => {
    const model = new KernelModel({ snapshot: snapshot([1, 2]), append: {}, shown: ["e"] });
    const store = openStore(model);
    store.choose(["std"]);
    expect(model.get("shown")).toEqual(["std"]);
    expect(store.points.value.shown).toEqual(["e"]);
    model.receive({ snapshot: snapshot([0.1, 0.2], ["std"]) });
    expect(store.points.value.shown).toEqual(["std"]);
  });

  it("knows nothing before the kernel has said anything", () => {
    const store = openStore(new KernelModel({}));
    expect(countOf(store.points.value)).toBe(0);
    expect(nothingYet(factsOf(null))).toBe("Connecting.");
  });
});
