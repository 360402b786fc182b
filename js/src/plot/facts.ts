/** What the kernel says of a plot beside its points: fields, and where the points come from. */
import type { Row } from "../lib/model.ts";

export type Goal = "min" | "max" | null;
export type Axis = "linear" | "log" | "error";

export interface Field {
  name: string;
  /** Fields with the same panel share an axis. */
  panel: string;
  unit: string;
  reference: number | null;
  goal: Goal;
}

/** Jobs that belong together, one point each. */
export interface Group {
  kind: "session" | "tag";
  name: string;
  jobs: number;
  done: number;
  failed: number;
  cancelled: number;
  private: number;
  unread: number;
}

/** The stream of one job, or the finished jobs of a group. */
export interface Source {
  label: string;
  job: Row | null;
  group: Group | null;
  deleted: boolean;
  stream: "connecting" | "open" | "reconnecting" | "ended";
  reconnects: number;
  /** When the stream was last taken up again, in milliseconds since the epoch. */
  reconnected: number | null;
  /** Messages that were sent and did not arrive. */
  missed: number;
  /** Why there is no stream, or why something could not be asked for. */
  message: string | null;
}

export interface Facts {
  fields: Field[];
  sources: Source[];
  x_label: string;
}

/** What a reference is called: as the argument that it is given by. */
export const EXACT = "exact";

const NONE: Facts = { fields: [], sources: [], x_label: "" };

/** Return the facts in a trait; none before the kernel has sent any. */
export function factsOf(trait: unknown): Facts {
  return { ...NONE, ...(trait as Partial<Facts> | null) };
}

/** Return what is known of a field; one that nobody has published is known by its name only. */
export function fieldOf(facts: Facts, name: string): Field {
  const known = facts.fields.find((field) => field.name === name);
  return known ?? { name, panel: name, unit: "", reference: null, goal: null };
}
