import { describe, expect, it } from "vitest";
import {
  ago,
  clock,
  count,
  date,
  duration,
  moment,
  number,
  percent,
  shortId,
  took,
  usage,
} from "../src/lib/words.ts";

const plain = (text: string) => text.replaceAll("\u202f", "_");
const at = (h: number, m: number, s = 0) => new Date(2026, 10, 20, h, m, s).getTime();

describe("durations", () => {
  it.each([
    [0, "0_s"],
    [8.9, "8_s"],
    [60, "1_min"],
    [192, "3_min 12_s"],
    [3600, "1_h"],
    [22_320, "6_h 12_min"],
    [90_000, "1_d 1_h"],
    [3605, "1_h"],
    [-4, "0_s"],
  ])("says %d s as %s", (seconds, words) => {
    expect(plain(duration(seconds))).toBe(words);
  });

  it("gives tenths to what took less than ten seconds", () => {
    expect(plain(took(0.42))).toBe("0.4_s");
    expect(plain(took(9.97))).toBe("9_s");
    expect(plain(took(61))).toBe("1_min 1_s");
  });
});

describe("times", () => {
  it("are ages within a day and dates before", () => {
    const now = at(14, 2);
    expect(plain(ago(at(14, 1, 52), now))).toBe("8_s ago");
    expect(plain(ago(at(13, 41), now))).toBe("21_min ago");
    expect(plain(ago(at(13, 0), now))).toBe("1_h ago");
    expect(ago(new Date(2026, 10, 19, 13, 41).getTime(), now)).toBe("19 Nov 13:41");
  });

  it("of a clock that is ahead are not in the future", () => {
    expect(plain(ago(at(14, 3), at(14, 2)))).toBe("0_s ago");
  });

  it("fixed are the time of day today, with the date otherwise", () => {
    expect(moment(at(9, 5), at(14, 2))).toBe("09:05");
    expect(moment(new Date(2026, 10, 19, 23, 59).getTime(), at(14, 2))).toBe("19 Nov 23:59");
    expect(clock(at(0, 7))).toBe("00:07");
    expect(date(at(9, 5))).toBe("20 Nov 09:05");
  });
});

describe("numbers", () => {
  it.each([
    [4096, 0, "4_096"],
    [1234567, 0, "1_234_567"],
    [-1.1332, 5, "−1.133_20"],
    [0.123456789, 8, "0.123_456_79"],
    [-0.001, 1, "0.0"],
    [1000, 3, "1_000.000"],
    [Number.NaN, 2, "–"],
  ])("%d with %d decimals is %s", (value, decimals, text) => {
    expect(plain(number(value, decimals))).toBe(text);
  });

  it("carry their unit", () => {
    expect(plain(percent(0.1241))).toBe("12.4_%");
    expect(plain(usage(41.21))).toBe("41.2_s");
    expect(plain(usage(0))).toBe("0_s");
    expect(plain(usage(75))).toBe("1_min 15_s");
    expect(usage(null)).toBe("–");
    expect(plain(count(4096, "job"))).toBe("4_096 jobs");
    expect(count(1, "job")).toBe("1 job");
    expect(count(0, "job")).toBe("0 jobs");
  });
});

it("shortens long ids only", () => {
  expect(shortId("d4qk1c7s9v8g008n2m60")).toBe("d4qk…2m60");
  expect(shortId("short-id")).toBe("short-id");
});
