/** Whether someone can see a view: what nobody sees need not be drawn. */
import { type Cell, cell } from "./cell.ts";

/** Return whether `root` is in sight, null until the browser has said so; and the stop. */
export function sightOf(root: Element): { seen: Cell<boolean | null>; stop(): void } {
  const seen = cell<boolean | null>(null);
  let inSight: boolean | null = null;
  const update = (): void => {
    seen.value = inSight && document.visibilityState === "visible";
  };
  const observer = new IntersectionObserver((entries) => {
    // the last entry is the latest
    inSight = entries.at(-1)?.isIntersecting ?? false;
    update();
  });
  observer.observe(root);
  document.addEventListener("visibilitychange", update);
  return {
    seen,
    stop: () => {
      observer.disconnect();
      document.removeEventListener("visibilitychange", update);
    },
  };
}
