/** What a plot says in words: what is missing and what to do, how much there is, what it shows. */
import { isFinal } from "../lib/status.ts";
import { count, number } from "../lib/words.ts";
import { type Curve, type Panel, trendOf } from "./curves.ts";
import type { Facts, Group, Source } from "./facts.ts";
import { quantity } from "./scale.ts";
import type { Points } from "./store.ts";

/** Programs that publish nothing while they run. */
const SILENT = new Set([
  "sampler",
  "estimator",
  "executor",
  "circuit-runner",
  "qasm3-runner",
  "noise-learner",
]);

/** Return what stands in the place of the curve before there is one: what is so, and what to do. */
export function nothingYet({ sources }: Facts): string {
  const [source] = sources;
  if (source === undefined) return "Connecting.";
  if (source.group) return noPoints(source, source.group);
  const { job } = source;
  const status = job?.status ?? "";
  if (source.deleted) return "The service does not have this job any more.";
  if (job?.program && SILENT.has(job.program)) {
    return `The program ${job.program} publishes no interim results. ${insteadOf(source)}`;
  }
  if (source.message) return `No interim results: ${source.message}`;
  if (isFinal(status) || sources.every(({ stream }) => stream === "ended")) {
    return `${sources.length > 1 ? "These jobs" : "This job"} published no interim values. ${insteadOf(source)}`;
  }
  if (status === "RUNNING" && source.stream === "connecting") return "Connecting to the stream.";
  if (status === "RUNNING") return "No interim values yet. The plot starts with the first.";
  return "No interim values yet. The plot starts when the job runs.";
}

/** Return how to plot finished jobs, with what this one belongs to. */
function insteadOf({ job }: Source): string {
  const quoted = (text: string) => `"${text.replace(/["\\]/g, "\\$&")}"`;
  const tag = job?.tags[0];
  if (job?.session)
    return `One point per finished job: \`InterimPlot(session=${quoted(job.session)})\``;
  if (tag) return `One point per finished job: \`InterimPlot(tag=${quoted(tag)})\``;
  return 'Give your jobs a tag, and plot one point per finished job: `InterimPlot(tag="scan")`';
}

function noPoints(source: Source, group: Group): string {
  const name = `${group.kind} ${group.name}`;
  if (source.message) return `The jobs of ${name} could not be listed: ${source.message}`;
  if (source.stream === "connecting") return `Looking for the jobs of ${name}.`;
  if (group.jobs === 0) return `No job in ${name} yet. The plot starts when one has finished.`;
  return `${count(group.jobs, "job")} in ${name}, none finished yet. The plot starts with the first.`;
}

/** Return how much there is: "160 of 172 values", "37/50 done, 1 failed". */
export function amount(points: Points, facts: Facts): string {
  const group = facts.sources[0]?.group;
  if (group) return progress(group);
  const received = points.tracks.reduce((sum, { seq }) => sum + seq.length, 0);
  const missed = facts.sources.reduce((sum, source) => sum + source.missed, 0);
  if (missed === 0) return count(received, "value");
  return `${number(received)} of ${count(received + missed, "value")}`;
}

function progress(group: Group): string {
  const parts = [
    `${group.done}/${count(group.jobs, "job")} done`,
    group.failed && `${group.failed} failed`,
    group.cancelled && `${group.cancelled} cancelled`,
    group.private && `${group.private} private, results not read`,
    group.unread && `${group.unread} without expectation values`,
  ];
  return parts.filter(Boolean).join(", ");
}

/** Return the time of day, with seconds. */
export function second(time: number): string {
  return new Date(time).toTimeString().slice(0, 8);
}

/** Return what was interrupted: "reconnecting", "reconnected 13:59:40". */
export function interruption(sources: readonly Source[]): { text: string; now: boolean } | null {
  if (sources.some(({ stream }) => stream === "reconnecting")) {
    return { text: "reconnecting", now: true };
  }
  const times = sources.map(({ reconnected }) => reconnected ?? 0);
  const last = Math.max(0, ...times);
  const often = sources.reduce((sum, { reconnects }) => sum + reconnects, 0);
  if (last === 0) return null;
  const many = often > 1 ? `, ${often} times` : "";
  return { text: `reconnected ${second(last)}${many}`, now: false };
}

/** Return what the picture says, for those who can't see it. */
export function spoken(panels: readonly Panel[], xLabel: string): string {
  return panels
    .flatMap((panel) => panel.curves.map((curve) => spokenCurve(curve, panel, xLabel)))
    .join("; ");
}

function spokenCurve(curve: Curve, panel: Panel, xLabel: string): string {
  const { decimals } = panel;
  const say = (v: number | undefined) => quantity(v ?? Number.NaN, decimals, curve.field.unit);
  const trend = trendOf(curve);
  return [
    `${curve.name || curve.field.name || "value"} against ${xLabel}`,
    count(curve.x.length, "value"),
    curve.field.goal === null ? "" : `best ${say(curve.best.at(-1))}`,
    `last ${say(curve.value.at(-1))}`,
    trend ?? "",
  ]
    .filter(Boolean)
    .join(", ");
}
