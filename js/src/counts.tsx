/**
 * CountsHistogram: the counts of a sampler job, one horizontal bar for each outcome. A control
 * appears only where it would change something.
 */
import { useMemo, useState } from "preact/hooks";
import { Bars } from "./counts/bars.tsx";
import { asDict, type Entry, kinds, type Order, top } from "./counts/outcomes.ts";
import { type Cell, traitCell, useCells } from "./lib/cell.ts";
import { draw, type Present, presentOf } from "./lib/live.ts";
import type { Model, Row } from "./lib/model.ts";
import { FreshMark, Icon, JobBadge, Pick, Trouble, useCopy } from "./lib/parts.tsx";
import { isFinal } from "./lib/status.ts";
import { define, type View } from "./lib/widget.ts";
import { count, number, percent, shortId } from "./lib/words.ts";

interface Traits {
  job: Cell<Row | null>;
  state: Cell<"waiting" | "ready" | "failed">;
  message: Cell<string | null>;
  entries: Cell<Entry[]>;
}

interface CountsProps {
  model: Model;
  traits: Traits;
  present: Present;
}

function Counts({ model, traits, present }: CountsProps) {
  useCells(...Object.values(traits), present.fresh, present.now);
  const [chosen, choose] = useState(0);
  const [picked, setOrder] = useState<Order | null>(null);
  const entries = traits.entries.value;
  const ready = traits.state.value === "ready" && entries.length > 0;
  const entry = ready ? (entries[chosen] ?? entries[0]) : undefined;
  // the outcomes of a pair of qubits are looked for by name, those of more by weight
  const order = picked ?? (entry && kinds(entry) <= 4 ? "key" : "count");
  const fresh = present.fresh.value;
  const job = traits.job.value;
  return (
    <>
      <div class="qjw-bar">
        <span class="qjw-title">Counts</span>
        <JobName job={job} />
        {ready && entries.length > 1 && (
          <Pick
            label="PUB and register"
            value={chosen}
            options={entries.map(({ label }, i) => [i, label] as const)}
            onPick={choose}
          />
        )}
        <span class="qjw-grow" />
        {entry && kinds(entry) > 2 && (
          <Pick
            label="Order"
            value={order}
            options={[
              ["count", "Sort: count"],
              ["key", "Sort: key"],
            ]}
            onPick={setOrder}
          />
        )}
        {!entry && job?.id && <JobBadge row={job} now={present.now.value} />}
        {!entry && <FreshMark fresh={fresh} now={present.now.value} />}
      </div>
      {!entry && <Trouble fresh={fresh} model={model} />}
      {entry ? <Histogram key={chosen} entry={entry} order={order} /> : <Pending traits={traits} />}
    </>
  );
}

function JobName({ job }: { job: Row | null }) {
  if (!job?.id) return null;
  return (
    <>
      <span class="qjw-id" title={job.id}>
        {shortId(job.id)}
      </span>
      <span class="qjw-sm qjw-2 qjw-hide-s">{job.backend}</span>
    </>
  );
}

/** Why there are no bars, in the room they will take. */
function Pending({ traits }: { traits: Traits }) {
  const job = traits.job.value;
  // who cancelled a job knows why there is nothing: that is no failure
  const cancelled = job?.status === "CANCELLED";
  if (traits.state.value === "failed" || job?.status === "ERROR" || cancelled) {
    return (
      <p class={cancelled ? "qjw-c-none qjw-c-why qjw-2" : "qjw-c-none qjw-c-why qjw-c-failed"}>
        <Icon name={cancelled ? "cancelled" : "error"} />
        <span>{traits.message.value ?? job?.reason ?? "The job has no counts."}</span>
      </p>
    );
  }
  const done = job !== null && isFinal(job.status);
  return (
    <p class="qjw-c-none qjw-2">
      {done ? "Fetching the counts…" : "The counts appear here when the job is done."}
    </p>
  );
}

const STEPS = [16, 32];
/** More bars than this say nothing; a copy as dict does. */
const MOST = 1024;

/** Return how many outcomes come after this many, when there is more to show. */
export function nextStep(shown: number, n: number): number | null {
  if (shown >= n) return null;
  return STEPS.find((step) => step > shown && step < n) ?? (n <= MOST ? n : null);
}

function Histogram({ entry, order }: { entry: Entry; order: Order }) {
  const [most, setMost] = useState(STEPS[0] as number);
  const [copied, copy] = useCopy(() => asDict(entry));
  const n = kinds(entry);
  const shown = useMemo(() => top(entry, most, order), [entry, most, order]);
  const left = entry.shots - shown.reduce((sum, outcome) => sum + outcome.count, 0);
  const rest = n > shown.length ? { kinds: n - shown.length, count: left } : null;
  const more = nextStep(shown.length, n);
  return (
    <>
      {shown.length > 0 && <Bars entry={entry} outcomes={shown} rest={rest} />}
      <div class="qjw-foot">
        <span>
          {rest
            ? `Top ${number(shown.length)}, and other (${number(rest.kinds)} outcomes, ${percent(left / entry.shots)})`
            : `${count(n, "outcome")}, ${count(entry.shots, "shot")}`}
        </span>
        <span class="qjw-grow" />
        {more !== null && (
          <button type="button" class="qjw-link" onClick={() => setMost(more)}>
            Show {more === n ? "all" : number(more)}
          </button>
        )}
        <button type="button" class="qjw-link" onClick={copy}>
          {copied ? "Copied" : "Copy as dict"}
        </button>
      </div>
    </>
  );
}

function mount(_: unknown, model: Model, view: View): void {
  const traits: Traits = {
    job: traitCell(model, "job"),
    state: traitCell(model, "state"),
    message: traitCell(model, "message"),
    entries: traitCell(model, "entries"),
  };
  draw(view, <Counts model={model} traits={traits} present={presentOf(model, view)} />);
}

export default define(() => ({ close: () => {} }), mount);
