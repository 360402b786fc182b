import { describe, expect, it } from "vitest";
import {
  attemptStarts,
  Column,
  columnsOf,
  gapsOf,
  nearest,
  numbers,
  type Points,
  runningBest,
} from "../src/plot/points.ts";
import {
  decimalsFor,
  distance,
  endOfAxis,
  quantity,
  rangeOf,
  tickDecimals,
} from "../src/plot/scale.ts";
import { openStore } from "../src/plot/store.ts";
import { KernelModel } from "./model.ts";

const f64 = (...values: number[]) => Float64Array.from(values);
const points = (seq: number[], value: number[], attempt = seq.map(() => 1)): Points => ({
  seq: f64(...seq),
  value: f64(...value),
  attempt: f64(...attempt),
});

describe("running best", () => {
  const some = points([1, 2, 3, 5, 6], [3, 1, 2, 9, 4], [1, 1, 1, 2, 2]);

  it("starts anew with each attempt", () => {
    expect([...runningBest(some, "min")]).toEqual([3, 1, 1, 9, 4]);
    expect([...runningBest(some, "max")]).toEqual([3, 3, 3, 9, 9]);
  });

  it("without a goal is the value", () => {
    expect([...runningBest(some, null)]).toEqual([...some.value]);
  });

  it("outlives values that are no numbers", () => {
    expect([...runningBest(points([1, 2, 3], [Number.NaN, 2, Number.NaN]), "min")]).toEqual([
      Number.NaN,
      2,
      2,
    ]);
  });
});

describe("numbers that are none", () => {
  // An infinity sent by a job was the best for ever after, and left the readout no decimals.
  it("are no best value", () => {
    const some = points([1, 2, 3], [2, Number.NEGATIVE_INFINITY, 1]);
    expect([...runningBest(some, "min")]).toEqual([2, 2, 1]);
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

describe("gaps", () => {
  it("are where numbers of messages are missing", () => {
    expect(gapsOf(points([1, 2, 15, 16], [0, 0, 0, 0]), 0)).toEqual([
      { from: 2, to: 15, missed: 12 },
    ]);
  });

  it("are not made by the mark of a new attempt", () => {
    const restarted = points([1, 2, 4, 5], [0, 0, 0, 0], [1, 1, 2, 2]);
    expect(gapsOf(restarted, 0)).toEqual([]);
    expect(attemptStarts(restarted)).toEqual([{ at: 4, number: 2 }]);
  });

  it("before the first value count too", () => {
    expect(gapsOf(points([4], [0]), 0)).toEqual([{ from: 0, to: 4, missed: 3 }]);
  });

  it("made by the service's cap are as large as it says", () => {
    expect(gapsOf(points([1, 3], [0, 0]), 250)[0]?.missed).toBe(250);
  });
});

describe("columns", () => {
  it("break lines at attempts and gaps, and set earlier attempts apart", () => {
    const [x, oldValue, oldBest, value, best] = columnsOf(
      points([1, 3, 9], [5, Number.NaN, 4], [1, 2, 2]),
      f64(5, Number.NaN, 4),
    );
    expect(x).toEqual([1, 2, 3, 6, 9]);
    expect(oldValue).toEqual([5, null, null, null, null]);
    expect(oldBest).toEqual(oldValue);
    expect(value).toEqual([null, null, null, null, 4]);
    expect(best).toEqual(value);
  });

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
    const [bottom, top] = rangeOf(-1.1, -0.7, -1.14);
    expect(bottom).toBeLessThan(-1.14);
    expect(top).toBeGreaterThan(-0.7);
    expect(rangeOf(0, 0, null)).toEqual([-1, 1]);
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
  const columns = (base: number, values: number[]) => ({
    base,
    rev: base + values.length,
    seq: view(values.map((_, i) => base + i + 1)),
    attempt: view(values.map(() => 1)),
    value: view(values),
  });

  it("appends what fits and cuts off what it has", () => {
    const model = new KernelModel({ snapshot: columns(0, [1, 2]), append: {} });
    const store = openStore(model);
    model.receive({ append: columns(2, [3]) });
    model.receive({ append: columns(1, [2, 3, 4]) });
    expect([...store.points.value.value]).toEqual([1, 2, 3, 4]);
    expect([...store.points.value.seq]).toEqual([1, 2, 3, 4]);
  });

  it("asks for a snapshot after a gap, and starts anew with it", () => {
    const model = new KernelModel({ snapshot: columns(0, [1]), append: {} });
    const store = openStore(model);
    model.receive({ append: columns(5, [6]) });
    expect(model.sent).toEqual([{ kind: "resync", rev: 1 }]);
    model.receive({ snapshot: columns(0, [9, 8, 7]) });
    expect([...store.points.value.value]).toEqual([9, 8, 7]);
  });

  // While the kernel was busy, the old field's points stood under the new field's name.
  it("names a picked field only once its points are there", () => {
    const model = new KernelModel({ snapshot: columns(0, [1, 2]), append: {}, field: "energy" });
    const store = openStore(model);
    store.pick("std");
    expect(model.get("field")).toBe("std");
    expect(store.field.value).toBe("energy");
    model.receive({ snapshot: columns(0, [0.1, 0.2]) });
    expect(store.field.value).toBe("std");
  });

  it("names the field that the kernel chooses", () => {
    const model = new KernelModel({ snapshot: columns(0, []), append: {}, field: "" });
    const store = openStore(model);
    model.receive({ snapshot: columns(0, [1]) });
    model.receive({ field: "energy" });
    expect(store.field.value).toBe("energy");
  });

  it("is told again when the field changes, though there are no more points", () => {
    const model = new KernelModel({ snapshot: columns(0, [1, 2]), append: {} });
    const store = openStore(model);
    model.receive({ snapshot: columns(0, [0.1, 0.2]) });
    expect([...store.points.value.value]).toEqual([0.1, 0.2]);
  });
});
