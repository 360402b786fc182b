/**
 * Browsers forget how far something was scrolled when it leaves the page, as a cell does that is
 * moved, and say nothing of it when it is back.
 */
import { useLayoutEffect, useRef } from "preact/hooks";

/**
 * Have a part that scrolls be where it was whenever it comes back to the page.
 *
 * @param place what holds the part while it is drawn; `drawn` changes when it comes or goes.
 * @returns what has to hear of each of its scroll events.
 */
export function useKeptScroll(place: { current: HTMLElement | null }, drawn: unknown): () => void {
  const top = useRef(0);
  useLayoutEffect(() => {
    const el = place.current;
    if (!el) return undefined;
    let here = true;
    const sizes = new ResizeObserver(() => {
      const back = !here || el.scrollTop === 0;
      here = el.clientHeight > 0;
      // one that was only hidden may be where it was long ago
      if (here && back && el.scrollTop !== top.current) el.scrollTop = top.current;
    });
    sizes.observe(el);
    return () => sizes.disconnect();
  }, [drawn]);
  return () => {
    top.current = place.current?.scrollTop ?? 0;
  };
}
