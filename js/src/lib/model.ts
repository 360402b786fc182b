/**
 * What a widget knows of its kernel side: the model's interface and the traits all views share.
 *
 * Times are milliseconds since the epoch, durations seconds. What the kernel does not know is null.
 */
import type { WidgetManager } from "./hearing.ts";
import type { KernelConnection } from "./kernel.ts";

/** The model an anywidget host hands out; `get` answers with what the kernel last sent. */
export interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  send(content: Message): void;
  on(event: string, callback: (content?: unknown) => void): void;
  off(event: string, callback: (content?: unknown) => void): void;
  /** What hosts with a widget manager of their own tell about the kernel and its models. */
  widget_manager?: WidgetManager & { kernel?: KernelConnection | null };
}

/** Custom messages from page to kernel. None has a top-level "id": ipykernel would remember it. */
export type Message =
  | { kind: "cancel"; job: string }
  | { kind: "again"; job: string; what: string }
  | { kind: "edit"; job: string; what: string; value: string | string[] }
  | { kind: "open"; job: string; what: string }
  | { kind: "pub"; job: string; at: number }
  | { kind: "read-once"; job: string }
  | { kind: "cancel"; jobs: string[] }
  | { kind: "load"; source: number; seen: string }
  | { kind: "rest" }
  | { kind: "refresh" }
  | { kind: "resync"; rev: number }
  | { kind: "script" }
  | { kind: "visible"; visible: boolean; page: string }
  | { kind: "here"; page: string }
  | { kind: "unnotified"; job: string; why: string };

/** One job as shown. `status` may be a word of tomorrow; `note` is one thing more to say, `refused` whether that is why a cancel was. */
export interface Row {
  id: string;
  status: string;
  program: string | null;
  backend: string | null;
  created: number | null;
  started: number | null;
  finished: number | null;
  reason: string | null;
  advice: string | null;
  code: number | string | null;
  tags: string[];
  session: string | null;
  position: number | null;
  usage: number | null;
  estimate: number | null;
  cancelling: boolean;
  note: string | null;
  refused: boolean;
}

/** How far what is shown can be trusted. */
export interface Freshness {
  state: "connecting" | "live" | "offline" | "refused" | "gone";
  as_of: number | null;
  since: number | null;
  retry_at: number | null;
  interval: number | null;
  message: string | null;
}

const CONNECTING: Freshness = {
  state: "connecting",
  as_of: null,
  since: null,
  retry_at: null,
  interval: null,
  message: null,
};

/** Return the model's freshness; before the kernel has said anything it is "connecting". */
export function freshnessOf(model: Model): Freshness {
  return { ...CONNECTING, ...(model.get("freshness") as Partial<Freshness> | null) };
}

/** Call `react` whenever one of these traits changes; returns the function that stops it. */
export function onChange(model: Model, traits: string[], react: () => void): () => void {
  for (const trait of traits) model.on(`change:${trait}`, react);
  return () => {
    for (const trait of traits) model.off(`change:${trait}`, react);
  };
}
