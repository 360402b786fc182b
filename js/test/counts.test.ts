import { describe, expect, it } from "vitest";
import { scaleOf } from "../src/counts/axis.tsx";
import { points } from "../src/counts/bars.tsx";
import { nextStep, orderOf } from "../src/counts/histogram.tsx";
import {
  asCsv,
  asDict,
  bitsOf,
  columnsOf,
  type Entry,
  endOfAxis,
  groupsOf,
  noise,
  type Order,
  restOf,
  rowsOf,
} from "../src/counts/outcomes.ts";
import { keyOf, openStore } from "../src/counts/store.ts";
import { KernelModel } from "./model.ts";

/** Counts as the kernel sends them: in the order of their keys. */
function entry(counts: Record<string, number>, shares?: Record<string, number>): Entry {
  const keys = Object.keys({ ...counts, ...shares }).sort();
  const num_bits = keys[0]?.length ?? 0;
  const width = Math.ceil(num_bits / 8);
  const bytes = keys.flatMap((key) => {
    const padded = key.padStart(8 * width, "0");
    return padded.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? [];
  });
  const values = keys.map((key) => counts[key] ?? 0);
  const table = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, i) => {
    table.setUint32(4 * i, value, true);
  });
  const beside = new DataView(new ArrayBuffer(8 * keys.length + 3), 3);
  keys.forEach((key, i) => {
    beside.setFloat64(8 * i, shares?.[key] ?? 0, true);
  });
  return {
    label: "PUB 0 · meas",
    place: [0, -1],
    kinds: keys.length,
    others: shares ? [{ shares: beside, fidelity: 1, error: 0, variation: 0 }] : [],
    pub: 0,
    register: "meas",
    num_bits,
    shots: values.reduce((a, b) => a + b, 0),
    outcomes: new DataView(Uint8Array.from(bytes).buffer),
    counts: table,
  };
}

function shown(some: Entry, k: number, order: Order, toward: string | null = null): string[] {
  const columns = columnsOf(some, 0);
  return Array.from(rowsOf(columns, some.shots, k, order, toward), (row) =>
    bitsOf(columns, some.num_bits, row),
  );
}

describe("bit strings", () => {
  it("have the highest bit first, also over more than a byte", () => {
    const wide = entry({ "10000000011": 3, "00000000001": 1 });
    expect(shown(wide, 2, "key")).toEqual(["00000000001", "10000000011"]);
  });

  it("group by five from the right", () => {
    expect(groupsOf("1010011001")).toEqual(["10100", "11001"]);
    expect(groupsOf("1101010")).toEqual(["11", "01010"]);
    expect(groupsOf("01")).toEqual(["01"]);
  });
});

describe("top outcomes", () => {
  const some = entry({ "00": 5, "01": 9, "10": 5, "11": 7 });

  it.each<[number, Order, string | null, string[]]>([
    [3, "count", null, ["01", "11", "00"]],
    [2, "key", null, ["01", "11"]],
    [4, "key", null, ["00", "01", "10", "11"]],
    [4, "weight", null, ["00", "01", "10", "11"]],
    [4, "distance", null, ["01", "11", "00", "10"]],
    [4, "distance", "10", ["10", "11", "00", "01"]],
    [4, "distance", "not bits", ["00", "01", "10", "11"]],
  ])("of %i by %s (%s)", (k, order, toward, bits) => {
    expect(shown(some, k, order, toward)).toEqual(bits);
  });

  it("of many equal ones are still so many", () => {
    const flat = entry(
      Object.fromEntries([..."abcdefgh"].map((_, i) => [i.toString(2).padStart(3, "0"), 1])),
    );
    expect(shown(flat, 5, "count")).toEqual(["000", "001", "010", "011", "100"]);
  });

  it("are also those expected that never came", () => {
    const half = entry({ "00": 6, "01": 3, "10": 1 }, { "00": 0.5, "11": 0.5 });
    expect(shown(half, 2, "count")).toEqual(["00", "11"]);
    const columns = columnsOf(half, 0);
    const rest = restOf(half, columns, rowsOf(columns, half.shots, 2, "count"));
    expect(rest).toEqual({ kinds: 2, count: 4, expected: 0 });
    expect(restOf(half, columns, rowsOf(columns, half.shots, 9, "count"))).toBeNull();
  });

  it("stand by key when they are few", () => {
    expect([orderOf(some, null), orderOf({ ...some, kinds: 5 }, null)]).toEqual(["key", "count"]);
    expect(orderOf(some, "weight")).toBe("weight");
  });

  it("copy as a Python dict and as CSV", () => {
    expect(asDict(some)).toBe('{"01": 9, "11": 7, "00": 5, "10": 5}');
    const half = entry({ "00": 3, "01": 1 }, { "00": 0.5, "11": 0.5 });
    expect(asDict(half)).toBe('{"00": 3, "01": 1}');
    expect(asCsv(half, ['the "ideal"'])).toBe(
      'outcome,count,share,"the ""ideal"""\r\n00,3,0.75,0.5\r\n01,1,0.25,0\r\n11,0,0,0.5\r\n',
    );
  });

  it("grow to 32 and then to all, where there are more", () => {
    expect([nextStep(16, 20), nextStep(16, 100), nextStep(32, 100)]).toEqual([20, 32, 100]);
    expect([nextStep(4, 4), nextStep(16, 5000), nextStep(32, 5000)]).toEqual([null, 32, 5000]);
  });

  it("of 2^16 are found and sorted as a sort with a function does", () => {
    const n = 2 ** 16;
    const counts = Uint32Array.from({ length: n }, (_, i) => (i * 7919) % 977);
    const bytes = Uint8Array.from({ length: 2 * n }, (_, i) =>
      i % 2 ? (i >> 1) & 255 : (i >> 1) >> 8,
    );
    const columns = { width: 2, bytes, counts, expected: null };
    const rows = rowsOf(columns, 1, n, "weight");
    const ones = (row: number) => row.toString(2).replaceAll("0", "").length;
    const plain = Array.from(counts, (_, i) => i).sort(
      (a, b) => ones(a) - ones(b) || (counts[b] as number) - (counts[a] as number) || a - b,
    );
    expect(Array.from(rows)).toEqual(plain);
  }, 30_000);
});

describe("scale", () => {
  it("has the shot noise of a share", () => {
    expect(noise(0.5, 1024)).toBeCloseTo(0.015625);
    expect(noise(1, 10)).toBe(0);
  });

  it.each([
    [0.521, 0.6],
    [0.13, 0.16],
    [1, 1],
    [0.0004, 0.0004],
    [0.12, 0.12],
    [0, 1],
  ])("ends the axis for %d at %d", (share, end) => {
    expect(endOfAxis(share)).toBeCloseTo(end);
  });

  it("counts in shares or in shots", () => {
    expect(scaleOf(0.9, 1000, "share").ticks.at(-1)).toBe("100\u202f%");
    expect(scaleOf(0.9, 1000, "counts")).toEqual({
      unit: "counts",
      end: 1,
      decimals: 1,
      ticks: ["0", "250", "500", "750", "1\u202f000"],
    });
  });

  it("says differences in points, with their sign", () => {
    expect([0.0074, -0.02, 0.0001, 0].map((one) => points(one, 1))).toEqual([
      "+0.7",
      "−2.0",
      "0.0",
      "0.0",
    ]);
  });
});

describe("store", () => {
  const traits = { top: 16, sort: null, toward: null, unit: "share", place: [0, -1], compared: 0 };

  it("keeps what was picked besides what was there", () => {
    const model = new KernelModel({ ...traits, entries: [entry({ "0": 1 })], more: {} });
    const store = openStore(model);
    model.receive({ more: { ...entry({ "1": 1 }), place: [0, 3] } });
    expect([...store.entries.value.keys()]).toEqual(["0,-1", keyOf([0, 3])]);
    model.receive({ entries: [], more: {} });
    expect(store.entries.value.size).toBe(0);
    store.close();
    expect(model.listening).toBe(0);
  });

  it("tells the kernel what was chosen, if there is one", () => {
    const model = new KernelModel({ ...traits, entries: [] });
    const saved: number[] = [];
    model.save_changes = () => saved.push(model.get("top") as number);
    const store = openStore(model);
    store.choose({ top: 32 }, true);
    store.choose({ top: 64 }, false);
    expect([store.choices.value.top, saved]).toEqual([64, [32]]);
  });
});
