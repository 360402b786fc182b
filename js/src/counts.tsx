/**
 * CountsHistogram: the counts of a sampler job, one horizontal bar for each outcome. A control
 * appears only where it would change something.
 */
import { useRef, useState } from "preact/hooks";
import { Histogram, orderOf } from "./counts/histogram.tsx";
import type { Entry, Order } from "./counts/outcomes.ts";
import { Act, Pending, useRetry } from "./counts/pending.tsx";
import {
  type Choices,
  type Comparison,
  type CountsStore,
  keyOf,
  openStore,
  type Register,
  type Source,
} from "./counts/store.ts";
import { type Cell, traitCell, useCells } from "./lib/cell.ts";
import { draw, type Present, presentOf } from "./lib/live.ts";
import type { Model, Row } from "./lib/model.ts";
import { FreshMark, JobBadge, Pick, Trouble } from "./lib/parts.tsx";
import { define, type View } from "./lib/widget.ts";
import { count, number, shortId } from "./lib/words.ts";

interface Traits {
  job: Cell<Row | null>;
  state: Cell<Source["state"]>;
  message: Cell<string | null>;
  action: Cell<string | null>;
  retry_at: Cell<number | null>;
  registers: Cell<Register[]>;
  comparisons: Cell<Comparison[]>;
}

export interface CountsProps {
  model: Model;
  store: CountsStore;
  traits: Traits;
  present: Present;
  connected: () => boolean;
}

export function Counts({ model, store, traits, present, connected }: CountsProps) {
  useCells(...Object.values(traits), store.entries, store.choices, present.fresh, present.now);
  const last = useRef<Entry | null>(null);
  const choices = store.choices.value;
  const registers = traits.registers.value;
  const comparisons = traits.comparisons.value;
  const ready = traits.state.value === "ready" && store.entries.value.size > 0;
  const found = ready ? store.entries.value.get(keyOf(placeIn(choices, registers))) : undefined;
  // until what was picked has come, what was there stays
  const entry = found ?? (ready ? last.current : null);
  last.current = entry;
  const now = present.now.value;
  const fresh = present.fresh.value;
  const gone = fresh.state === "gone";
  const job = traits.job.value;
  // with what was offered, as by the time the kernel hears of it that may be something else
  const load = (source: number, { state }: Pick<Source, "state">) =>
    gone ? null : () => model.send({ kind: "load", source, seen: state });
  const choose = (part: Partial<Choices>) => store.choose(part, connected());
  const source: Source = {
    state: traits.state.value,
    message: traits.message.value,
    action: traits.action.value,
    retry_at: traits.retry_at.value,
  };
  return (
    <>
      <div class="qjw-bar">
        <span class="qjw-title">Counts</span>
        <JobName job={job} />
        {ready && <Place {...{ registers, choices, choose }} />}
        <span class="qjw-grow" />
        {entry && <Controls {...{ entry, choices, comparisons, choose }} />}
        {!entry && job?.id && <JobBadge row={job} now={now} />}
        {!entry && <FreshMark fresh={fresh} now={now} />}
      </div>
      {!entry && <Trouble fresh={fresh} model={model} />}
      {entry &&
        comparisons.map((comparison, i) => (
          <Missing key={i} comparison={comparison} now={now} load={load(i + 1, comparison)} />
        ))}
      {entry && !found && <Awaited gone={gone} />}
      {entry ? (
        <Histogram
          entry={entry}
          choices={choices}
          labels={comparisons.map(({ label }) => label)}
          choose={choose}
        />
      ) : (
        <Pending job={job} source={source} now={now} load={load(0, source)} />
      )}
      <span class="qjw-said" role="status">
        {entry && `${count(entry.shots, "shot")}, ${count(entry.kinds, "outcome")}`}
      </span>
    </>
  );
}

/** Return the place chosen, or the first one where there is no such place. */
function placeIn({ place }: Choices, registers: Register[]): [number, number] {
  const [index, set] = place;
  const register = registers[index];
  if (!register) return [0, -1];
  return [index, set < register.sets ? set : -1];
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

interface PlaceProps {
  registers: Register[];
  choices: Choices;
  choose: (part: Partial<Choices>) => void;
}

const FEW_SETS = 200;

/** Which register is shown, and which of its parameter sets. */
function Place({ registers, choices, choose }: PlaceProps) {
  const [index, set] = placeIn(choices, registers);
  const sets = registers[index]?.sets ?? 1;
  const options = Array.from({ length: Math.min(sets, FEW_SETS) }, (_, i) => i);
  return (
    <>
      {registers.length > 1 && (
        <Pick
          label="PUB and register"
          value={index}
          options={registers.map(({ label }, i) => [i, label] as const)}
          onPick={(picked) => choose({ place: [picked, -1] })}
        />
      )}
      {sets > 1 && sets <= FEW_SETS && (
        <Pick
          label="Parameter set"
          value={set}
          options={[
            [-1, `All ${number(sets)} sets`] as const,
            ...options.map((i) => [i, `Set ${i}`] as const),
          ]}
          onPick={(picked) => choose({ place: [index, picked] })}
        />
      )}
      {sets > FEW_SETS && (
        <SetField sets={sets} set={set} onPick={(picked) => choose({ place: [index, picked] })} />
      )}
    </>
  );
}

interface SetFieldProps {
  sets: number;
  set: number;
  onPick: (set: number) => void;
}

/** One of many parameter sets, typed; what is typed is not yet picked. */
function SetField({ sets, set, onPick }: SetFieldProps) {
  const [typed, type] = useState<string | null>(null);
  return (
    <label class="qjw-sm qjw-2 qjw-ct-set">
      Set{" "}
      <input
        type="number"
        min={0}
        max={sets - 1}
        placeholder="all"
        value={typed ?? (set < 0 ? "" : set)}
        title={`0 to ${number(sets - 1)}; empty for all together`}
        onInput={(event) => type(event.currentTarget.value)}
        onChange={(event) => {
          const picked = event.currentTarget.valueAsNumber;
          const known = Number.isInteger(picked) && picked >= 0 && picked < sets;
          type(null);
          onPick(known ? picked : -1);
        }}
      />
    </label>
  );
}

interface ControlsProps {
  entry: Entry;
  choices: Choices;
  comparisons: Comparison[];
  choose: (part: Partial<Choices>) => void;
}

/** What changes how the entry is shown; each is there only where it would change something. */
function Controls({ entry, choices, comparisons, choose }: ControlsProps) {
  const comparable = comparisons.flatMap(({ label }, i) =>
    entry.others[i] ? [[i, `Against ${label}`] as const] : [],
  );
  return (
    <>
      {comparable.length > 1 && (
        <Pick
          label="Comparison"
          value={choices.compared}
          options={[...comparable, [-1, "No comparison"] as const]}
          onPick={(compared) => choose({ compared })}
        />
      )}
      {Math.min(entry.kinds, choices.top) > 4 && (
        <Pick
          label="Axis"
          value={choices.unit}
          options={[
            ["share", "Axis: share"],
            ["counts", "Axis: counts"],
          ]}
          onPick={(unit) => choose({ unit })}
        />
      )}
      {entry.kinds > 2 && (
        <Pick
          label="Order"
          value={orderOf(entry, choices.sort)}
          options={ORDERS}
          onPick={(sort) => choose({ sort, toward: null })}
        />
      )}
    </>
  );
}

const ORDERS: readonly (readonly [Order, string])[] = [
  ["count", "Sort: count"],
  ["key", "Sort: key"],
  ["weight", "Sort: weight"],
  ["distance", "Sort: distance"],
];

/** Why a comparison is not there, and what to do about it. */
function Missing(props: { comparison: Comparison; now: number; load: (() => void) | null }) {
  const { comparison, now, load } = props;
  useRetry(comparison, now, load);
  if (comparison.state === "ready") return null;
  const words = {
    waiting: "not done yet; it is drawn here when it is.",
    loading: "being fetched.",
  };
  const text =
    comparison.message ??
    (comparison.state in words ? words[comparison.state as keyof typeof words] : "not there.");
  return (
    <div class="qjw-note qjw-ct-note">
      <span>
        <span class="qjw-2">Comparison {comparison.label}:</span> {text}
      </span>
      <span class="qjw-grow" />
      {comparison.action && <Act source={comparison} load={load} />}
    </div>
  );
}

/** What was picked is on its way, or will never come. */
function Awaited({ gone }: { gone: boolean }) {
  return (
    <div class="qjw-note" role="status">
      {gone
        ? "These counts were not sent while the kernel ran. Run the cell again to see them."
        : "Fetching these counts; below are the ones before."}
    </div>
  );
}

/** Return the traits of a histogram's model as cells. */
export function countsTraits(model: Model): Traits {
  return {
    job: traitCell(model, "job"),
    state: traitCell(model, "state"),
    message: traitCell(model, "message"),
    action: traitCell(model, "action"),
    retry_at: traitCell(model, "retry_at"),
    registers: traitCell(model, "registers"),
    comparisons: traitCell(model, "comparisons"),
  };
}

function mount(store: CountsStore, model: Model, view: View): void {
  const traits = countsTraits(model);
  const present = presentOf(model, view);
  const connected = () => view.connected();
  draw(view, <Counts {...{ model, store, traits, present, connected }} />);
}

export default define(openStore, mount);
