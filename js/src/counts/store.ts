/** What one histogram's model holds: the entries that have come, and what the reader has chosen. */
import { type Cell, cell } from "../lib/cell.ts";
import { type Model, onChange } from "../lib/model.ts";
import type { State } from "../lib/widget.ts";
import type { Unit } from "./axis.tsx";
import type { Entry, Order } from "./outcomes.ts";

/** One register that can be picked. */
export interface Register {
  label: string;
  pub: number;
  register: string;
  num_bits: number;
  /** How many parameter sets it has. */
  sets: number;
}

/** Where counts come from, or those they are compared with. */
export interface Source {
  state: "waiting" | "loading" | "ready" | "none" | "failed" | "private" | "large" | "away";
  message: string | null;
  /** What a click would do, where the kernel waits for one. */
  action: string | null;
  retry_at: number | null;
}

export interface Comparison extends Source {
  label: string;
}

/** What the reader has chosen; each is a trait, so that the kernel and other views follow. */
export interface Choices {
  top: number;
  sort: Order | null;
  toward: string | null;
  unit: Unit;
  place: readonly [register: number, set: number];
  compared: number;
}

const CHOICES = ["top", "sort", "toward", "unit", "place", "compared"] as const;

export interface CountsStore extends State {
  /** The entries that have come, by place. */
  entries: Cell<ReadonlyMap<string, Entry>>;
  choices: Cell<Choices>;
  /** Choose something; `connected` says whether there is a kernel to tell. */
  choose(part: Partial<Choices>, connected: boolean): void;
}

/** Return the key of a place in the map of entries. */
export const keyOf = (place: readonly [number, number]): string => place.join();

/** Keep what the traits `entries` and `more` have brought. */
export function openStore(model: Model): CountsStore {
  const entries = cell<ReadonlyMap<string, Entry>>(new Map());
  const choices = cell({} as Choices);
  const take = (): void => {
    const all = (model.get("entries") as Entry[] | null) ?? [];
    entries.value = new Map(all.map((entry) => [keyOf(entry.place), entry]));
    takeMore();
  };
  const takeMore = (): void => {
    const more = model.get("more") as Partial<Entry> | null;
    if (!more?.place) return;
    entries.value = new Map(entries.value).set(keyOf(more.place), more as Entry);
  };
  const takeChoices = (): void => {
    choices.value = Object.fromEntries(
      CHOICES.map((name) => [name, model.get(name)]),
    ) as unknown as Choices;
  };
  const stops = [
    onChange(model, ["entries"], take),
    onChange(model, ["more"], takeMore),
    onChange(model, [...CHOICES], takeChoices),
  ];
  take();
  takeChoices();
  return {
    entries,
    choices,
    choose(part, connected) {
      for (const [name, value] of Object.entries(part)) model.set(name, value);
      if (connected) model.save_changes();
    },
    close() {
      for (const stop of stops) stop();
    },
  };
}
