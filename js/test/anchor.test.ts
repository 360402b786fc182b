import { expect, test } from "vitest";
import { growthOf, type Laid, shiftOf } from "../src/table/anchor.ts";
import { offsets } from "../src/table/window.ts";

/** Lines of these keys, each 30 px tall where nothing else is said. */
function laid(keys: string, tall: Record<string, number> = {}): Laid {
  const lines = [...keys].map((key) => ({ key }));
  return { lines, starts: offsets(lines.length, (i) => tall[keys[i] as string] ?? 30) };
}

const SIGHT = { top: 60, height: 90 };

test("what is in sight is followed when lines come or go above it", () => {
  expect(shiftOf(laid("abcdefgh"), laid("xyabcdefgh"), SIGHT)).toBe(60);
  expect(shiftOf(laid("abcdefgh"), laid("bcdefgh"), SIGHT)).toBe(-30);
});

test("a line that goes elsewhere is not followed", () => {
  expect(shiftOf(laid("abcdefgh"), laid("cabdefgh"), SIGHT)).toBe(0);
});

test("lines that all go different ways are not followed", () => {
  expect(shiftOf(laid("abcdefgh"), laid("hfdbaceg"), SIGHT)).toBe(0);
  expect(shiftOf(laid("abcdefgh"), laid("vwxyz"), SIGHT)).toBe(0);
});

test("the first line in sight stays when lines grow", () => {
  const grown = laid("abcdefgh", { b: 80, d: 80 });
  expect(growthOf(laid("abcdefgh"), grown, SIGHT, null)).toBe(50);
});

test("the line with the focus stays when lines around it grow", () => {
  const grown = laid("abcdefgh", { c: 80 });
  expect(growthOf(laid("abcdefgh"), grown, SIGHT, "d")).toBe(50);
  expect(growthOf(laid("abcdefgh"), grown, SIGHT, "h")).toBe(0);
});

test("what the line with the focus says more comes in sight as far as there is room", () => {
  expect(growthOf(laid("abcdefgh"), laid("abcdefgh", { e: 50 }), SIGHT, "e")).toBe(20);
  expect(growthOf(laid("abcdefgh"), laid("abcdefgh", { e: 500 }), SIGHT, "e")).toBe(60);
});
