/** The place on a page where a view's bundle is kept for all views of its kind. */
import type { Widget } from "../lib/widget.ts";

/** The name of the bundle's content, which the build puts in. */
declare const KEY: string;

/** What a bundle exports. */
export interface Bundle {
  default: () => Widget;
}

interface Place {
  /** Whether a script that holds the bundle has begun to unpack it. */
  begun: boolean;
  bundle: Promise<Bundle>;
  take(bundle: Bundle): void;
  fail(reason: unknown): void;
}

function open(): Place {
  const place = { begun: false } as Place;
  place.bundle = new Promise((take, fail) => Object.assign(place, { take, fail }));
  return place;
}

const places = globalThis as { [name: symbol]: Place | undefined };
const name = Symbol.for(`qjobwidgets ${KEY}`);
places[name] ??= open();
export const place = places[name];
