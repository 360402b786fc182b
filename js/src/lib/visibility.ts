/** Tells the kernel whether anyone can see a model's views, so that it asks the service less. */
import type { Model } from "./model.ts";

/** Returns a function that watches one more view of the model, which returns its undoing. */
export function visibilityReporter(model: Model): (view: Element) => () => void {
  const seen = new Set<Element>();
  let told: boolean | null = null;
  const report = (): void => {
    const visible = seen.size > 0 && document.visibilityState === "visible";
    if (visible === told) return;
    told = visible;
    model.send({ kind: "visible", visible });
  };
  return (view) => {
    const observer = new IntersectionObserver((entries) => {
      // the last entry is the latest
      if (entries.at(-1)?.isIntersecting) seen.add(view);
      else seen.delete(view);
      report();
    });
    observer.observe(view);
    document.addEventListener("visibilitychange", report);
    return () => {
      observer.disconnect();
      document.removeEventListener("visibilitychange", report);
      seen.delete(view);
      report();
    };
  };
}
