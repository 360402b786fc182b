// @vitest-environment happy-dom
import { h, render } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { act } from "preact/test-utils";
import { describe, expect, it } from "vitest";
import { cell, useCells } from "../src/lib/cell.ts";

/** A view of a number, which something in it may change as soon as it is drawn. */
function shown(change: (n: { value: number }) => void = () => {}) {
  const number = cell(1);
  const place = document.createElement("div");
  let drawn = 0;
  const Part = () => {
    useLayoutEffect(() => change(number), []);
    return null;
  };
  const View = () => {
    useCells(number);
    drawn += 1;
    return h("p", null, number.value, h(Part, null));
  };
  void act(() => render(h(View, null), place));
  return { number, text: () => place.textContent, drawn: () => drawn };
}

describe("what is drawn of cells", () => {
  // each view was drawn twice before it was first seen
  it("is drawn once, and again after a change", () => {
    const { number, text, drawn } = shown();
    expect([text(), drawn()]).toEqual(["1", 1]);
    void act(() => {
      number.value = 2;
    });
    expect([text(), drawn()]).toEqual(["2", 2]);
  });

  it("has what changed between drawing and listening", () => {
    const { text } = shown((number) => {
      number.value = 3;
    });
    expect(text()).toBe("3");
  });
});
