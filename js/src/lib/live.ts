/** What every view shows about itself, for the views drawn with preact: freshness and the present. */
import { type ComponentChild, render } from "preact";
import { type Cell, cell } from "./cell.ts";
import type { Freshness, Model } from "./model.ts";
import { freshnessOf, onChange } from "./model.ts";
import type { View } from "./widget.ts";

export interface Present {
  fresh: Cell<Freshness>;
  /** Milliseconds since the epoch, once a second. */
  now: Cell<number>;
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
    fresh.value = read();
    view.root.classList.toggle("qjw-stale", fresh.value.state !== "live");
  };
  view.onLeave(onChange(model, ["freshness"], update));
  view.onHost(update);
  const timer = setInterval(() => {
    now.value = Date.now();
  }, 1000);
  view.onLeave(() => clearInterval(timer));
  update();
  return { fresh, now };
}

/** Draw `what` into the view until it goes. */
export function draw(view: View, what: ComponentChild): void {
  view.root.classList.add("qjw-end");
  render(what, view.root);
  view.onLeave(() => render(null, view.root));
}
