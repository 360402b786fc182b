// @vitest-environment happy-dom
import { h, render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { cell, usePaced } from "../src/lib/cell.ts";

type Words = { of: string; n: number };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A view of words that come, drawn at most four times a second. */
function shown() {
  const words = cell<Words>({ of: "a", n: 0 });
  const seen = cell<boolean | null>(null);
  const place = document.createElement("div");
  let drawn = 0;
  const View = () => {
    drawn += 1;
    return `${usePaced(words, 250, seen, (one, other) => one.of !== other.of).n}`;
  };
  void act(() => render(h(View, null), place));
  const say = (n: number, of = "a") =>
    void act(() => {
      words.value = { of, n };
    });
  const wait = (ms: number) =>
    void act(() => {
      vi.advanceTimersByTime(ms);
    });
  const see = (now: boolean) =>
    void act(() => {
      seen.value = now;
    });
  return { say, wait, see, text: () => place.textContent, drawn: () => drawn };
}

describe("what is drawn at a pace", () => {
  it("shows a change after a pause at once, and of many the last", () => {
    const { say, wait, text, drawn } = shown();
    say(1);
    expect(text()).toBe("1");
    const before = drawn();
    for (let n = 2; n < 50; n++) say(n);
    expect(text()).toBe("1");
    wait(250);
    expect(text()).toBe("49");
    expect(drawn()).toBe(before + 1);
  });

  it("does not wait with something else", () => {
    const { say, text } = shown();
    say(1);
    say(2, "b");
    expect(text()).toBe("2");
  });

  it("rests while nobody sees it", () => {
    const { say, wait, see, text, drawn } = shown();
    see(false);
    const before = drawn();
    for (let n = 1; n < 9; n++) {
      say(n);
      wait(250);
    }
    expect(drawn()).toBe(before);
    see(true);
    expect(text()).toBe("8");
  });
});
