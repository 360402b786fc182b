// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { visibilityReporter } from "../src/lib/visibility.ts";
import { KernelModel } from "./model.ts";

const MINUTE = 60_000;
let observers: ((seen: boolean) => void)[] = [];

class Observer {
  constructor(react: (entries: { isIntersecting: boolean }[]) => void) {
    observers.push((isIntersecting) => react([{ isIntersecting }]));
  }
  observe(): void {}
  disconnect(): void {}
}

beforeEach(() => {
  observers = [];
  vi.useFakeTimers();
  vi.stubGlobal("IntersectionObserver", Observer);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Models of one kernel, each with a view that is seen. */
function shown(count: number, interval: number | null = 5) {
  const widget_manager = {};
  const models = Array.from({ length: count }, () =>
    Object.assign(new KernelModel({ freshness: { state: "live", interval } }), { widget_manager }),
  );
  const live = { root: document.createElement("div"), connected: () => true };
  const undo = models.map((model) => visibilityReporter(model)(live));
  for (const see of observers) see(true);
  const said = (kind: string) => models.flatMap((m) => m.sent).filter((m) => m.kind === kind);
  return { models, undo, said };
}

describe("a page that shows views", () => {
  it("says once a minute that it is there, for all views of a kernel", () => {
    const { said } = shown(5);
    expect(said("visible")).toHaveLength(5);
    vi.advanceTimersByTime(10 * MINUTE);
    expect(said("here").length).toBeGreaterThanOrEqual(5);
    expect(said("here").length).toBeLessThanOrEqual(10);
    const names = new Set([...said("here"), ...said("visible")].map((m) => "page" in m && m.page));
    expect(names.size).toBe(1);
  });

  it("says it for each kernel", () => {
    const kernels = [shown(1), shown(1)];
    vi.advanceTimersByTime(2 * MINUTE);
    for (const { said } of kernels) expect(said("here").length).toBeGreaterThan(0);
  });

  it("says nothing while nothing is pending, out of sight, or once it is gone", () => {
    const settled = shown(1, null);
    const left = shown(1);
    for (const undo of left.undo) undo();
    const hidden = shown(1);
    observers.at(-1)?.(false);
    vi.advanceTimersByTime(10 * MINUTE);
    for (const { said } of [settled, hidden, left]) expect(said("here")).toEqual([]);
    expect(hidden.said("visible").map((m) => "visible" in m && m.visible)).toEqual([true, false]);
  });

  it("says it soon when something is pending again", () => {
    const { models, said } = shown(1, null);
    vi.advanceTimersByTime(10 * MINUTE);
    models[0]?.receive({ freshness: { state: "live", interval: 5 } });
    vi.advanceTimersByTime(MINUTE / 2);
    expect(said("here")).toHaveLength(1);
  });
});
