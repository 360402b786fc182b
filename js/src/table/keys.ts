/** What the keys do in the list of rows. */
import type { Line } from "./groups.ts";

/** Rows the Page keys move by. */
const PAGE = 15;

/** Return where a key moves from line `at` of `n`, or null if it does not. */
export function targetOf(key: string, at: number, n: number): number | null {
  switch (key) {
    case "ArrowDown":
      return at + 1;
    case "ArrowUp":
      return at - 1;
    case "PageDown":
      return at + PAGE;
    case "PageUp":
      return at - PAGE;
    case "Home":
      return 0;
    case "End":
      return n - 1;
    default:
      return null;
  }
}

/** What a key asks for on a line. */
export type Act =
  | { act: "go"; to: number; extend: boolean }
  | { act: "head" }
  | { act: "fold"; open: boolean }
  | { act: "open" | "select" | "extend" | "copy" | "code" | "cancel" | "search" | "back" };

const ACTS: Record<string, "copy" | "code" | "cancel" | "search" | "back"> = {
  c: "copy",
  C: "code",
  x: "cancel",
  "/": "search",
  Escape: "back",
};

/** Return what a key asks for, or null when it is not the table's. */
export function actOf(key: string, shift: boolean, lines: readonly Line[], at: number): Act | null {
  const line = lines[at];
  if (!line) return null;
  if (key === "ArrowUp" && at === 0 && !shift) return { act: "head" };
  const target = targetOf(key, at, lines.length);
  if (target !== null) {
    const to = Math.min(lines.length - 1, Math.max(0, target));
    return { act: "go", to, extend: shift };
  }
  if (key === "Enter") return { act: "open" };
  if (key === " ") return { act: shift ? "extend" : "select" };
  if (key === "ArrowRight" || key === "ArrowLeft") return sideways(key, lines, at);
  const act = ACTS[key];
  return act ? { act } : null;
}

/** → opens a group or enters it, ← closes it or leaves to its head. */
function sideways(key: string, lines: readonly Line[], at: number): Act | null {
  const line = lines[at] as Line;
  const right = key === "ArrowRight";
  if (line.kind === "group") {
    if (line.open !== right) return { act: "fold", open: right };
    return right && at + 1 < lines.length ? { act: "go", to: at + 1, extend: false } : null;
  }
  if (right || line.parent === null) return null;
  const head = lines.findIndex((other) => other.key === line.parent);
  return { act: "go", to: head, extend: false };
}
