/**
 * A part of a model: what the kernel sends of a view inside this one, as a model of its own. Its
 * traits have the part's name in front; what all views share is that of the whole.
 */
import type { Model } from "../lib/model.ts";

const SHARED = new Set(["freshness", "view_id"]);

/** Return the part of the model with this name. */
export function partOf(model: Model, part: string): Model {
  const own = (name: string): string => (SHARED.has(name) ? name : `${part}_${name}`);
  const event = (name: string): string => {
    const [kind, trait] = name.split(":");
    return trait === undefined ? name : `${kind}:${own(trait)}`;
  };
  const found: Model = {
    get: (name) => model.get(own(name)) ?? undefined,
    set: (name, value) => model.set(own(name), value),
    save_changes: () => model.save_changes(),
    send: (content) => model.send(Object.assign({ part }, content)),
    on: (name, callback) => model.on(event(name), callback),
    off: (name, callback) => model.off(event(name), callback),
  };
  return found;
}
