/** Bridges from the model and the clock to signals, for the views drawn with preact. */
import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { type ComponentChild, render } from "preact";
import type { Freshness, Model } from "./model.ts";
import { freshnessOf, onChange } from "./model.ts";
import type { View } from "./widget.ts";

/** Return a signal that follows one trait, and the function that stops it. */
export function traitSignal<T>(model: Model, trait: string): [ReadonlySignal<T>, () => void] {
  const value = signal(model.get(trait) as T);
  const stop = onChange(model, [trait], () => {
    value.value = model.get(trait) as T;
  });
  return [value, stop];
}

/** What every view shows about itself: how fresh it is, and the present. */
export interface Present {
  fresh: ReadonlySignal<Freshness>;
  /** Milliseconds since the epoch, once a second. */
  now: ReadonlySignal<number>;
}

/** Return the signals of one view, which end with it. */
export function presentOf(model: Model, view: View): Present {
  const read = (): Freshness => {
    const fresh = freshnessOf(model);
    return view.connected() ? fresh : { ...fresh, state: "gone" };
  };
  const fresh: Signal<Freshness> = signal(read());
  const now = signal(Date.now());
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
