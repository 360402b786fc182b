/** Tells the kernel whether anyone can see a model's views, so that it asks the service less. */
import type { Model } from "./model.ts";

/** A view as far as it matters here. */
interface Seen {
  root: Element;
  /** Whether there is a kernel to tell; sending to one that has gone throws. */
  connected(): boolean;
}

/** Returns a function that watches one more view of the model, which returns its undoing. */
export function visibilityReporter(model: Model): (view: Seen) => () => void {
  // other pages have views of the same model, and tell of theirs
  const page = Math.random().toString(36).slice(2);
  const seen = new Set<Seen>();
  let told: boolean | null = null;
  const report = (view: Seen): void => {
    const visible = seen.size > 0 && document.visibilityState === "visible";
    if (visible === told || !view.connected()) return;
    told = visible;
    model.send({ kind: "visible", visible, page });
  };
  return (view) => {
    const update = (): void => report(view);
    const observer = new IntersectionObserver((entries) => {
      // the last entry is the latest
      if (entries.at(-1)?.isIntersecting) seen.add(view);
      else seen.delete(view);
      update();
    });
    observer.observe(view.root);
    document.addEventListener("visibilitychange", update);
    return () => {
      observer.disconnect();
      document.removeEventListener("visibilitychange", update);
      seen.delete(view);
      update();
    };
  };
}
