/** What every view shows about itself, for the views drawn with preact: freshness and the present. */
import { type ComponentChild, render } from "preact";
import { type Cell, cell } from "./cell.ts";
import type { Freshness, Model } from "./model.ts";
import { freshnessOf, onChange } from "./model.ts";
import { sightOf } from "./sight.ts";
import type { View } from "./widget.ts";

export interface Present {
  fresh: Cell<Freshness>;
  /** Milliseconds since the epoch, once a second while someone sees the view. */
  now: Cell<number>;
  /** Whether someone sees the view; null until that is known. */
  seen: Cell<boolean | null>;
}

/** Return freshness and clock of one view, which end with it. */
export function presentOf(model: Model, view: View): Present {
  const read = (): Freshness => {
    const fresh = freshnessOf(model);
    return view.connected() ? fresh : { ...fresh, state: "gone" };
  };
  const fresh = cell(read());
  const now = cell(Date.now());
  const update = (): void => {
    const next = read();
    if (!alike(next, fresh.value)) fresh.value = next;
    view.root.classList.toggle("qjw-stale", fresh.value.state !== "live");
  };
  view.onLeave(onChange(model, ["freshness"], update));
  view.onHost(update);
  const { seen, stop } = sightOf(view.root);
  view.onLeave(stop);
  const tick = (): void => {
    if (seen.value !== false) now.value = Date.now();
  };
  const timer = setInterval(tick, 1000);
  view.onLeave(() => clearInterval(timer));
  view.onLeave(seen.onChange(tick));
  update();
  return { fresh, now, seen };
}

/** Whether two of these say the same. */
function alike(next: Freshness, last: Freshness): boolean {
  const said = Object.entries(next) as [keyof Freshness, unknown][];
  return said.every(([what, value]) => Object.is(value, last[what]));
}

/** Draw `what` into the view until it goes. */
export function draw(view: View, what: ComponentChild): void {
  view.root.classList.add("qjw-end");
  render(what, view.root);
  view.onLeave(() => render(null, view.root));
}
