/**
 * Tells the kernel whether anyone can see a model's views, so that it asks the service less.
 *
 * A page that dies, as with a closed laptop, says nothing, and nobody says it in its place. So as
 * long as something is pending, a page that shows a view says once a minute that it is still there:
 * once for all views of a kernel, which know it by one name.
 */
import { freshnessOf, type Model } from "./model.ts";
import { sightOf } from "./sight.ts";

const STILL_THERE = 60_000;
const LOOK = 15_000;

/** A view as far as it matters here. */
interface Seen {
  root: Element;
  /** Whether there is a kernel to tell; sending to one that has gone throws. */
  connected(): boolean;
}

/** This page, as one kernel knows it. */
interface Page {
  readonly name: string;
  /** When it has last said that it is there. */
  told: number;
}

/** Each widget's script has these modules for itself; what they share hangs on the page. */
const shared = globalThis as { qjobwidgetsPages?: WeakMap<object, Page> };

function pageOf(model: Model): Page {
  shared.qjobwidgetsPages ??= new WeakMap();
  const pages = shared.qjobwidgetsPages;
  const kernel = model.widget_manager ?? model;
  const page = pages.get(kernel) ?? { name: Math.random().toString(36).slice(2), told: 0 };
  pages.set(kernel, page);
  return page;
}

/** Returns a function that watches one more view of the model, which returns its undoing. */
export function visibilityReporter(model: Model): (view: Seen) => () => void {
  const page = pageOf(model);
  const seen = new Set<Seen>();
  let told: boolean | null = null;
  const report = (view: Seen): void => {
    const visible = seen.size > 0;
    if (visible === told || !view.connected()) return;
    told = visible;
    if (visible) page.told = Date.now();
    model.send({ kind: "visible", visible, page: page.name });
  };
  const remind = (): void => {
    const due = Date.now() - page.told >= STILL_THERE;
    const pending = freshnessOf(model).interval !== null;
    if (!due || !told || !pending || ![...seen].some((view) => view.connected())) return;
    page.told = Date.now();
    model.send({ kind: "here", page: page.name });
  };
  return (view) => {
    const sight = sightOf(view.root);
    const update = (): void => {
      if (sight.seen.value) seen.add(view);
      else seen.delete(view);
      report(view);
    };
    const unfollow = sight.seen.onChange(update);
    const timer = setInterval(remind, LOOK);
    return () => {
      clearInterval(timer);
      unfollow();
      sight.stop();
      seen.delete(view);
      report(view);
    };
  };
}
