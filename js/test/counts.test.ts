import { describe, expect, it } from "vitest";
import {
  asDict,
  bitsOf,
  type Entry,
  endOfShares,
  groupsOf,
  noise,
  top,
} from "../src/counts/outcomes.ts";
import { nextStep } from "../src/counts.tsx";

/** Counts as the kernel sends them: in the order of their keys. */
function entry(counts: Record<string, number>): Entry {
  const keys = Object.keys(counts).sort();
  const num_bits = keys[0]?.length ?? 0;
  const width = Math.ceil(num_bits / 8);
  const bytes = keys.flatMap((key) => {
    const padded = key.padStart(8 * width, "0");
    return padded.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? [];
  });
  const values = keys.map((key) => counts[key] as number);
  const table = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, i) => {
    table.setUint32(4 * i, value, true);
  });
  return {
    label: "PUB 0 · meas",
    pub: 0,
    register: "meas",
    num_bits,
    shots: values.reduce((a, b) => a + b, 0),
    outcomes: new DataView(Uint8Array.from(bytes).buffer),
    counts: table,
  };
}

describe("bit strings", () => {
  it("have the highest bit first, also over more than a byte", () => {
    const wide = entry({ "10000000011": 3, "00000000001": 1 });
    expect(bitsOf(wide, 1)).toBe("10000000011");
    expect(bitsOf(wide, 0)).toBe("00000000001");
  });

  it("group by five from the right", () => {
    expect(groupsOf("1010011001")).toEqual(["10100", "11001"]);
    expect(groupsOf("1101010")).toEqual(["11", "01010"]);
    expect(groupsOf("01")).toEqual(["01"]);
  });
});

describe("top outcomes", () => {
  const some = entry({ "00": 5, "01": 9, "10": 5, "11": 7 });

  it("come by count, equal counts by key", () => {
    expect(top(some, 3, "count").map(({ bits }) => bits)).toEqual(["01", "11", "00"]);
  });

  it("are the same by key", () => {
    expect(top(some, 2, "key").map(({ bits }) => bits)).toEqual(["01", "11"]);
  });

  it("of many equal ones are still so many", () => {
    const flat = entry(
      Object.fromEntries([..."abcdefgh"].map((_, i) => [i.toString(2).padStart(3, "0"), 1])),
    );
    expect(top(flat, 5, "count")).toHaveLength(5);
  });

  it("copy as a Python dict", () => {
    expect(asDict(some)).toBe('{"01": 9, "11": 7, "00": 5, "10": 5}');
  });

  it("grow to 32 and then to all, where there are more", () => {
    expect([nextStep(16, 20), nextStep(16, 100), nextStep(32, 100)]).toEqual([20, 32, 100]);
    expect([nextStep(4, 4), nextStep(16, 5000), nextStep(32, 5000)]).toEqual([null, 32, null]);
  });
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
    [0.9, 1],
    [0.12, 0.12],
  ])("ends the axis for %d at %d", (share, end) => {
    expect(endOfShares(share)).toBeCloseTo(end);
  });
});
