// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from "vitest";
import { cell } from "../src/lib/cell.ts";
import { csvOf } from "../src/lib/csv.ts";
import { aged, freshWords, knownUntil, noteWords } from "../src/lib/freshness.ts";
import type { Freshness } from "../src/lib/model.ts";
import { judge } from "../src/lib/revisions.ts";
import { detailOf, isFinal, lookOf } from "../src/lib/status.ts";
import { contrast } from "../src/lib/theme.ts";
import { twinHider } from "../src/lib/twin.ts";
import { NOW, row, secondsAgo } from "./rows.ts";

const fresh = (state: Freshness["state"], facts: Partial<Freshness> = {}): Freshness => ({
  state,
  as_of: NOW,
  since: null,
  retry_at: null,
  interval: 5,
  message: null,
  ...facts,
});
const said = (some: Freshness) => {
  const { text, more } = freshWords(some, NOW);
  return [text, more].filter(Boolean).join(" · ").replaceAll("\u202f", " ");
};

describe("freshness", () => {
  it.each([
    [fresh("connecting"), "connecting"],
    [fresh("live"), "live"],
    [fresh("live", { as_of: secondsAgo(9) }), "live"],
    [fresh("live", { as_of: secondsAgo(12) }), "12 s ago"],
    [fresh("live", { as_of: secondsAgo(99), interval: null }), "live"],
    [
      fresh("offline", { since: secondsAgo(7140), retry_at: NOW + 7900 }),
      "offline since 12:03 · retrying in 8 s",
    ],
    [
      fresh("offline", { since: secondsAgo(7140), retry_at: NOW - 1 }),
      "offline since 12:03 · retrying",
    ],
    [fresh("refused", { since: secondsAgo(660) }), "stopped 13:51"],
    [fresh("gone"), "as of 14:02"],
  ])("says how fresh", (some, words) => {
    expect(said(some)).toBe(words);
  });

  it("lets running times stand still when nothing is heard", () => {
    expect(knownUntil(fresh("offline", { as_of: secondsAgo(60) }), NOW)).toBe(secondsAgo(60));
    expect(knownUntil(fresh("live", { as_of: secondsAgo(60) }), NOW)).toBe(NOW);
    expect(aged(fresh("live", { as_of: null }), NOW)).toBe(false);
  });

  it("explains trouble, and only trouble", () => {
    expect(noteWords(fresh("live"))).toBeNull();
    // a service that asked for patience was waited for in silence
    expect(noteWords(fresh("live", { message: "Waiting for quota." }))?.tone).toBe("wait");
    expect(noteWords(fresh("offline"))?.retry).toBe(true);
    expect(noteWords(fresh("refused", { message: "Sign in again." }))?.text).toBe("Sign in again.");
    expect(noteWords(fresh("gone"))?.retry).toBe(false);
  });
});

describe("status", () => {
  it("shows a word nobody knows as it came, and takes it as unfinished", () => {
    expect(lookOf("constructor", false)).toEqual({
      icon: "unknown",
      tone: "still",
      word: "constructor",
    });
    expect(isFinal("constructor")).toBe(false);
  });

  it("is cancelling until it is final", () => {
    expect(lookOf("RUNNING", true).word).toBe("cancelling…");
    expect(lookOf("CANCELLED", true).word).toBe("CANCELLED");
  });

  it.each([
    [row("a", "QUEUED", { position: 13 }), "12 ahead"],
    [row("a", "QUEUED", { position: 1 }), "next"],
    [row("a", "QUEUED"), null],
    [row("a", "RUNNING", { started: secondsAgo(192) }), "3 min 12 s"],
    [row("a", "ERROR", { code: 1517 }), "1517"],
    [row("a", "DONE"), null],
  ])("has a detail", (job, detail) => {
    expect(detailOf(job, NOW)?.replaceAll("\u202f", " ") ?? null).toBe(detail);
  });
});

it("judges changes by their revisions", () => {
  expect(judge(5, { base: 5, rev: 6 })).toBe("apply");
  expect(judge(5, { base: 2, rev: 6 })).toBe("apply");
  expect(judge(5, { base: 2, rev: 5 })).toBe("known");
  expect(judge(5, { base: 6, rev: 7 })).toBe("gap");
});

it("cells tell of changes only, and stop when told", () => {
  const some = cell(1);
  let heard = 0;
  const stop = some.onChange(() => {
    heard += 1;
  });
  some.value = 1;
  some.value = 2;
  stop();
  some.value = 3;
  expect(heard).toBe(1);
});

it("computes contrast also of half-transparent ink", () => {
  expect(contrast("rgb(0, 0, 0)", "rgb(255, 255, 255)")).toBeCloseTo(21);
  expect(contrast("rgba(0, 0, 0, 0.87)", "rgb(255, 255, 255)")).toBeCloseTo(16.1, 1);
});

describe("twin", () => {
  afterEach(() => document.head.replaceChildren());

  it("is hidden while at least one view is there", () => {
    const hide = twinHider("qjw-a1");
    const [one, two] = [hide(), hide()];
    expect(document.head.querySelectorAll("style")).toHaveLength(1);
    expect(document.head.textContent).toContain('[data-qjw-twin="qjw-a1"]{display:none}');
    one();
    expect(document.head.querySelectorAll("style")).toHaveLength(1);
    two();
    expect(document.head.querySelectorAll("style")).toHaveLength(0);
  });

  it.each(['x"]{} *{display:none} [a="', "A B", 7, null])(
    "takes no id but a plain one: %s",
    (id) => {
      twinHider(id)()();
      expect(document.head.childElementCount).toBe(0);
    },
  );
});

describe("csv", () => {
  // The names of fields come from outside too, and only a table's rows were guarded.
  it("has no text that a spreadsheet takes for a formula, and numbers as they are", () => {
    expect(csvOf([["=1+1", "@a", 'a "b"', null, ""]])).toBe('\'=1+1,\'@a,"a ""b""",,\r\n');
    expect(csvOf([[-1.5, Number.NaN, undefined, "a,b"]])).toBe('-1.5,,,"a,b"\r\n');
  });
});
