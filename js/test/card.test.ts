// @vitest-environment happy-dom
import { h, render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, describe, expect, it } from "vitest";
import { Card } from "../src/card/card.tsx";
import { courseOf, courseText } from "../src/card/course.ts";
import { cardTraits } from "../src/card/model.ts";
import { noiseOf } from "../src/counts/distances.ts";
import { cell } from "../src/lib/cell.ts";
import type { Freshness, Row } from "../src/lib/model.ts";
import { KernelModel } from "./model.ts";
import { NOW, row, secondsAgo } from "./rows.ts";

const THIN = "\u202f";
const LIVE: Freshness = {
  state: "live",
  as_of: NOW,
  since: null,
  retry_at: null,
  interval: null,
  message: null,
};
const NONE = { state: "none", message: null, content: null };
const running = row("job", "RUNNING", {
  created: secondsAgo(600),
  started: secondsAgo(120),
  estimate: 300,
});

describe("the course of a job", () => {
  it("waits, runs, and has a rest by the estimate", () => {
    const course = courseOf(running, NOW);
    expect(course.stretches.map(({ kind, seconds }) => [kind, seconds])).toEqual([
      ["wait", 480],
      ["run", 120],
      ["rest", 180],
    ]);
    expect(course.end).toEqual({ text: "Done, about", time: NOW + 180_000, tone: "plain" });
    expect(courseText(course)).toBe(
      `waited 8${THIN}min, 2${THIN}min of about 5${THIN}min, done, about`,
    );
  });

  it("says when the estimate is over", () => {
    const [, , rest] = courseOf({ ...running, estimate: 60 }, NOW).stretches;
    expect([rest?.seconds, rest?.text]).toEqual([0, "longer than estimated"]);
  });

  it("ends red only when the job failed", () => {
    const over = (status: string) =>
      courseOf({ ...running, status, finished: secondsAgo(60), usage: 2 }, NOW);
    expect(over("ERROR").end.tone).toBe("fail");
    expect(over("ERROR").stretches[1]?.text).toContain("failed after");
    expect(over("CANCELLED").end).toEqual({
      text: "Cancelled",
      time: secondsAgo(60),
      tone: "plain",
    });
    expect(over("DONE").stretches[1]?.text).toBe(`ran 1${THIN}min, 2.0${THIN}s on the QPU`);
  });

  it("knows of no time what nobody said", () => {
    const lost = courseOf(row("job", "DONE", { created: null }), NOW);
    expect(lost.end.time).toBeNull();
    // two clocks may disagree: no stretch is shorter than nothing
    const early = courseOf(row("job", "RUNNING", { started: secondsAgo(2000) }), NOW);
    expect(early.stretches.every(({ seconds }) => seconds >= 0)).toBe(true);
  });
});

describe("a card", () => {
  const place = document.createElement("div");
  const fresh = cell(LIVE);
  afterEach(() => render(null, place));

  function open(job: Row, traits: Record<string, unknown> = {}): KernelModel {
    const model = new KernelModel({
      job,
      tab: "result",
      facts: [],
      words: { name: null, note: null },
      edits: {},
      private: false,
      inputs: NONE,
      logs: NONE,
      result: NONE,
      neighbours: NONE,
      other: null,
      ...traits,
    });
    const present = { fresh, now: cell(NOW), seen: cell(true) };
    fresh.value = LIVE;
    act(() => render(h(Card, { model, traits: cardTraits(model), present }), place));
    return model;
  }
  const tabs = () => [...place.querySelectorAll("[role=tab]")].map((tab) => tab.textContent);
  const pane = () => place.querySelector("[role=tabpanel]")?.textContent;

  it("has the tabs of what the job has", () => {
    open(running);
    expect(tabs()).toEqual(["Result", "Inputs", "Logs"]);
    open({ ...running, session: "s" }, { facts: [["Batch", "s", ""]] });
    expect(tabs()).toEqual(["Result", "Inputs", "Logs", "Batch"]);
  });

  it("says how far the counts of two jobs are apart", () => {
    const rows = [
      ["Shots", "1", "2"],
      ["Program", "sampler", "sampler"],
    ];
    const distances = [["PUB 0 · meas", 0.98121, 0.0031, 0.0244]];
    const other = { job: row("other", "DONE"), rows, distances, loading: false };
    open(running, { tab: "compare", other });
    expect(pane()).toContain("1 difference");
    expect(pane()).toContain("PUB 0 · meas0.981 ± 0.0030.024");
    expect(noiseOf(0.0001)).toBeNull();
  });

  const press = (text: string) => {
    const found = [...place.querySelectorAll("button")].find((b) => b.textContent === text);
    act(() => found?.click());
  };

  // It went on to say so for ever when the kernel ended after the click.
  it("is cancelling only while a kernel can answer", () => {
    const model = open(running);
    press("Cancel…");
    press("Cancel job");
    expect(model.sent).toEqual([{ kind: "cancel", job: "job" }]);
    expect(place.textContent).toContain("cancelling…");
    act(() => {
      fresh.value = { ...LIVE, state: "gone" };
    });
    expect(place.textContent).not.toContain("cancelling…");
  });

  it("follows the job it is of, and forgets a question that has no answer any more", () => {
    const model = open(running);
    press("Cancel…");
    expect(place.textContent).toContain("Cancel this job?");
    act(() => model.receive({ job: { ...running, status: "DONE" } }));
    expect(place.textContent).not.toContain("Cancel this job?");
    expect(model.sent).toEqual([]);
  });

  it("tells the kernel once what was pressed", () => {
    const model = open({ ...running, status: "DONE" }, { private: true });
    expect(pane()).toContain("can be read once");
    act(() => place.querySelector<HTMLElement>("[role=tabpanel] button")?.click());
    expect(model.sent).toEqual([{ kind: "read-once", job: "job" }]);
  });
});
