/** A job's details as the kernel sends them; see `qjobwidgets/widgets/facts.py`. */
import { type Cell, traitCell } from "../lib/cell.ts";
import type { Model, Row } from "../lib/model.ts";

/** One thing that is fetched only when somebody wants to see it. */
export interface Detail<T> {
  state: "none" | "loading" | "ready" | "failed";
  message: string | null;
  content: T | null;
}

export interface Gate {
  layer: number;
  name: string;
  wires: number[];
  controls: number;
  parameters: string;
  partial: boolean;
}

export interface Circuit {
  name: string;
  num_qubits: number;
  size: number;
  num_parameters: number;
  depth: number | null;
  wires: number[];
  layers: number;
  gates: Gate[];
  left_out: number;
  idle: number;
}

export interface PubInput {
  label: string;
  circuit: Circuit | null;
  observables: string | null;
  values: number[] | null;
  shots: number | null;
  precision: number | null;
}

/** One of several: how many there are, how many of them can be shown, and which one is. */
export interface Place {
  total: number;
  known: number;
  at: number;
}

export interface Inputs extends Place {
  pub: PubInput | null;
  options: [name: string, text: string][];
}

export interface Register {
  name: string;
  num_bits: number;
  shots: number;
  kinds: number;
  top: [bits: string, count: number][];
}

export interface Result extends Place {
  pub: {
    registers: Register[];
    values: [label: string, value: number | null, error: number | null][];
    total: number;
  } | null;
  fields: [name: string, text: string][];
}

export interface Logs {
  text: string;
  lines: number;
  cut: boolean;
}

export interface Neighbours {
  jobs: { id: string; status: string; program: string | null }[];
  at: number;
  total: number;
}

export interface Comparison {
  job: Row;
  rows: [label: string, one: string, other: string][];
  /** How far the counts of the two are apart, per PUB and register. */
  distances: [label: string, fidelity: number, error: number, variation: number][];
  loading: boolean;
}

export type Tab = "result" | "inputs" | "logs" | "session" | "compare" | "convergence" | "counts";

export interface Edit {
  state: "saving" | "saved" | "refused";
  message: string | null;
}

/** The traits of a card. */
export interface CardTraits {
  job: Cell<Row | null>;
  tab: Cell<Tab>;
  facts: Cell<[label: string, text: string, more: string][]>;
  words: Cell<{ name?: string | null; note?: string | null }>;
  edits: Cell<Partial<Record<Field, Edit>>>;
  private: Cell<boolean>;
  inputs: Cell<Partial<Detail<Inputs>>>;
  logs: Cell<Partial<Detail<Logs>>>;
  result: Cell<Partial<Detail<Result>>>;
  neighbours: Cell<Partial<Detail<Neighbours>>>;
  other: Cell<Comparison | null>;
}

/** What a user can edit. */
export type Field = "name" | "note" | "tags";

const NAMES = [
  "job",
  "tab",
  "facts",
  "words",
  "edits",
  "private",
  "inputs",
  "logs",
  "result",
  "neighbours",
  "other",
] as const satisfies readonly (keyof CardTraits)[];

/** Return the traits of a card's model as cells. */
export function cardTraits(model: Model): CardTraits {
  return Object.fromEntries(
    NAMES.map((name) => [name, traitCell(model, name)]),
  ) as unknown as CardTraits;
}
