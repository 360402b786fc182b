import { describe, expect, it } from "vitest";
import { placesOf } from "../src/lib/places.ts";

const keys = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `${from + i}`);
const first = placesOf(keys(0, 30), new Map());

describe("places of lines", () => {
  it("are kept by those that stay, in their order, and new ones are new", () => {
    const scrolled = placesOf(keys(3, 33), first);
    expect([...scrolled.values()]).toEqual(Array.from({ length: 30 }, (_, i) => i + 3));
    expect(scrolled.get("3")).toBe(first.get("3"));
  });

  // Each line was made anew when the rows were sorted or another page of them was shown.
  it("are those of other lines when most are others, in order", () => {
    const turned = placesOf(keys(500, 530), first);
    expect([...turned.values()]).toEqual([...first.values()]);
    expect([...placesOf(keys(500, 532), first).values()].slice(30)).toEqual([30, 31]);
    expect([...placesOf(keys(500, 510), first).values()]).toEqual([...first.values()].slice(0, 10));
  });

  // A line that stayed was made anew, and a question asked in it took the focus again.
  it("are kept by those that stay, also when most are others", () => {
    const turned = placesOf(["500", "17", ...keys(501, 528), "3"], first);
    for (const key of ["17", "3"]) expect(turned.get(key)).toBe(first.get(key));
    expect(turned.get("500")).toBe(0);
    expect(new Set(turned.values())).toEqual(new Set(first.values()));
  });

  it("are all different, whatever comes and goes", () => {
    let places = first;
    for (let n = 0; n < 50; n++) {
      places = placesOf(keys(n * 7, n * 7 + 20 + (n % 9)), places);
      expect(new Set(places.values()).size).toBe(places.size);
    }
  });
});
