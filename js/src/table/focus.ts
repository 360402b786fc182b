/** Where the focus is in the scrolling list, and how it stays on its line while lines move. */
import { useLayoutEffect } from "preact/hooks";

type Ref<T> = { current: T | null };

/** Scroll as little as needed to have a line in sight. */
export function reveal(scroller: HTMLElement | null, starts: Float64Array, index: number): void {
  if (!scroller) return;
  const top = starts[index] as number;
  const bottom = starts[index + 1] as number;
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  else if (bottom > scroller.scrollTop + scroller.clientHeight) {
    scroller.scrollTop = bottom - scroller.clientHeight;
  }
}

/** Return the key of the line that an element is in. */
export function lineAt(target: EventTarget | null): string | null {
  const item = target instanceof Element ? target.closest<HTMLElement>(".qjw-item") : null;
  return item?.dataset.key ?? null;
}

/** Give a line the focus. */
export function focusLine(scroller: HTMLElement | null, key: string | null): void {
  const items = scroller?.querySelectorAll<HTMLElement>(".qjw-item") ?? [];
  [...items].find((item) => item.dataset.key === key)?.focus({ preventScroll: true });
}

/**
 * Browsers drop the focus of an element that moves within the page, and leave it on one in which
 * another line is drawn: give it back to where it was, or to its line.
 */
export function useKeptFocus(scroller: Ref<HTMLElement>): void {
  const active = activeIn(scroller.current);
  const before = active && lineAt(active);
  const safe = active instanceof HTMLButtonElement && active.closest(".qjw-ask") !== null;
  useLayoutEffect(() => {
    if (!before) return;
    const now = activeIn(scroller.current);
    // who asks, in the bar above, has taken it on purpose
    if (now ? lineAt(now) === before : !isLost(scroller.current)) return;
    if (now instanceof HTMLElement) now.blur();
    if (active instanceof HTMLElement && lineAt(active) === before && active.isConnected) {
      active.focus({ preventScroll: true });
      return;
    }
    focusLine(scroller.current, before);
    if (safe) scroller.current?.querySelector<HTMLElement>(".qjw-ask button")?.focus();
  });
}

/**
 * Give the focus to the rows when what had it beside them has gone: a question that nobody can answer
 * any more, a filter that was cleared. With nothing in focus no key would be heard.
 *
 * @param head any part of the view that stays.
 */
export function useRefuge(head: Ref<HTMLElement>, toRows: () => void): void {
  const view = head.current?.closest<HTMLElement>(".qjw") ?? null;
  const active = activeIn(view);
  const beside = active !== null && lineAt(active) === null;
  useLayoutEffect(() => {
    if (beside && isLost(view)) toRows();
  });
}

/**
 * Have what is in `el` be moved by `insertBefore` alone. With `moveBefore`, which Preact prefers, an
 * element keeps the focus, and Chromium scrolls to it: who had scrolled away was thrown back.
 */
export function movedPlainly(el: Element | null): void {
  if (el) Object.assign(el, { moveBefore: undefined });
}

const rootOf = (el: HTMLElement | null) => el?.getRootNode() as Document | ShadowRoot | undefined;

/** Return what has the focus within an element. */
export function activeIn(el: HTMLElement | null): Element | null {
  const active = rootOf(el)?.activeElement ?? null;
  return active && el?.contains(active) ? active : null;
}

/** Whether nothing has the focus. */
function isLost(el: HTMLElement | null): boolean {
  const active = rootOf(el)?.activeElement ?? null;
  return active === null || active === document.body;
}

/** What is in sight of the list. */
export interface GridView {
  top: number;
  height: number;
  narrow: boolean;
  /** Rows that wrap are measured anew with another. */
  width: number;
  /** Width of the scroll bar, which the head leaves free. */
  bar: number;
  /** Whether it has been painted. */
  painted: boolean;
}

/** A list that is not on the page yet: hosts put it there later. */
export const UNSEEN: GridView = {
  top: 0,
  height: 540,
  narrow: false,
  width: 0,
  bar: 0,
  painted: false,
};

/** Container width from which rows are 30 px tall, as in the style sheet. */
const NARROW = 560;

/** Keep the size of the list up to date. */
export function useResize(
  scroller: Ref<HTMLElement>,
  setView: (change: (view: GridView) => GridView) => void,
): void {
  useLayoutEffect(() => {
    const el = scroller.current;
    if (!el) return undefined;
    let frame = 0;
    const observer = new ResizeObserver(() => {
      const { clientHeight: height, clientWidth: width, offsetWidth } = el;
      // out of the page, or hidden with it: it comes back as it was
      if (offsetWidth === 0) return;
      const bar = offsetWidth - width;
      const narrow = offsetWidth < NARROW;
      setView((view) =>
        view.height === height && view.width === width && view.bar === bar
          ? view
          : { ...view, height, narrow, width, bar },
      );
      // this frame is painted next
      frame ||= requestAnimationFrame(() => setView((view) => ({ ...view, painted: true })));
    });
    observer.observe(el);
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame);
    };
  }, [scroller, setView]);
}
