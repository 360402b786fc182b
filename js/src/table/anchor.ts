/**
 * What one reads stays where it is while rows come and go above it, or turn out to be taller than was
 * thought. Browsers see to that for what flows, but not for lines at computed places. At the top of
 * the list nothing is held: there one waits for what is new.
 */
import { useLayoutEffect, useRef } from "preact/hooks";
import { activeIn } from "./focus.ts";
import { windowOf } from "./window.ts";

/** Lines, and where each begins and the last one ends. */
export interface Laid {
  lines: readonly { key: string }[];
  starts: Float64Array;
}

/**
 * Scroll along with the lines that are in sight.
 *
 * @param focused the line that has the focus, or gets it next, while the focus is in the list.
 * @param asked what a reader looks for, as a filter: what is found is read from its top, unless it was
 *   asked for in the list itself.
 * @param folds which lines a reader has opened: with others nothing is held.
 */
export function useHeldPlace(
  scroller: { current: HTMLElement | null },
  laid: Laid,
  focused: string | null,
  asked: readonly unknown[],
  folds: unknown,
): void {
  const last = useRef({ laid, asked, folds });
  // the browser gives way to a list that has become shorter: where it was is known only before
  const top = scroller.current?.scrollTop ?? 0;
  useLayoutEffect(() => {
    const [el, before] = [scroller.current, last.current];
    last.current = { laid, asked, folds };
    if (!el || top === 0 || before.laid.starts === laid.starts) return;
    if (asked.some((what, i) => what !== before.asked[i])) {
      if (!activeIn(el)) el.scrollTop = 0;
      return;
    }
    if (folds !== before.folds) return;
    const sight = { top, height: el.clientHeight };
    const shift =
      before.laid.lines === laid.lines
        ? growthOf(before.laid, laid, sight, activeIn(el) && focused)
        : shiftOf(before.laid, laid, sight);
    if (shift !== 0) el.scrollTop = top + shift;
  });
}

interface Sight {
  top: number;
  height: number;
}

/** Return by how much most of the lines in sight have moved down; 0 if they went different ways. */
export function shiftOf(before: Laid, after: Laid, { top, height }: Sight): number {
  const [first, end] = windowOf(before.starts, top, height, 0);
  const seen = before.lines.slice(first, end);
  const were = new Map(seen.map(({ key }, i) => [key, before.starts[first + i] as number]));
  const shifts = new Map<number, number>();
  let here = 0;
  for (const [i, { key }] of after.lines.entries()) {
    const was = were.get(key);
    if (was === undefined) continue;
    const shift = (after.starts[i] as number) - was;
    shifts.set(shift, (shifts.get(shift) ?? 0) + 1);
    here += 1;
  }
  const most = Math.max(0, ...shifts.values());
  const [shift] = [...shifts].find(([, n]) => n === most) ?? [0];
  return 2 * most >= here ? shift : 0;
}

/**
 * Return by how much to scroll after lines have become taller or less so. The line with the focus
 * stays, and what it says more comes in sight, as far as there is room; without one, the first line.
 */
export function growthOf(before: Laid, after: Laid, sight: Sight, focused: string | null): number {
  const { top, height } = sight;
  const [first, end] = windowOf(before.starts, top, height, 0);
  const at = before.lines.slice(first, end).findIndex(({ key }) => key === focused);
  const line = first + Math.max(0, at);
  const [was, is] = [before.starts[line] as number, after.starts[line] as number];
  const whole = was >= top && (before.starts[line + 1] as number) <= top + height;
  const shift = is - was;
  if (at < 0 || !whole) return shift;
  const cut = (after.starts[line + 1] as number) - (top + shift + height);
  return shift + Math.max(0, Math.min(cut, is - (top + shift)));
}
