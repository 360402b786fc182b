/** One entry: how far it is from what it is compared with, its bars, and what can be done with it. */
import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { useCopy } from "../lib/parts.tsx";
import { count, number, percent } from "../lib/words.ts";
import { Bars, type Outcomes } from "./bars.tsx";
import { FIDELITY, noiseOf, VARIATION } from "./distances.ts";
import {
  asCsv,
  asDict,
  type Columns,
  columnsOf,
  type Entry,
  type Order,
  type Other,
  outcomeAt,
  type Rest,
  restOf,
  rowsOf,
} from "./outcomes.ts";
import { type Choices, keyOf } from "./store.ts";
import { DataTable } from "./table.tsx";

const STEPS = [16, 32];

/** Return how many outcomes come after this many, when there is more to show. */
export function nextStep(shown: number, n: number): number | null {
  if (shown >= n) return null;
  return STEPS.find((step) => step > shown && step < n) ?? n;
}

/** Return in which order an entry's bars stand: few are looked for by name, many by size. */
export function orderOf(entry: Entry, sort: Order | null): Order {
  return sort ?? (entry.kinds <= 4 ? "key" : "count");
}

interface HistogramProps {
  entry: Entry;
  choices: Choices;
  /** Names of the comparisons, in the order of the entry's. */
  labels: readonly string[];
  choose: (part: Partial<Choices>) => void;
}

export function Histogram({ entry, choices, labels, choose }: HistogramProps) {
  const { top, toward, unit, compared } = choices;
  const order = orderOf(entry, choices.sort);
  const [asTable, setAsTable] = useState(false);
  const columns = useMemo(() => columnsOf(entry, compared), [entry, compared]);
  const rows = useMemo(
    () => rowsOf(columns, entry.shots, top, order, toward),
    [columns, top, order, toward],
  );
  const rest = useMemo(() => restOf(entry, columns, rows), [columns, rows]);
  const most = useMemo(() => mostOf(entry, columns, rows, rest), [columns, rows, rest]);
  const other = entry.others[compared] ?? null;
  const versus = other ? (labels[compared] ?? "") : null;
  const outcomes: Outcomes = {
    length: rows.length,
    at: (i) => outcomeAt(entry, columns, rows[i] as number),
  };
  const onPick = order === "distance" ? (bits: string) => choose({ toward: bits }) : undefined;
  const drawn = { entry, outcomes, rest, versus };
  return (
    <>
      {other && versus !== null && <Figures entry={entry} other={other} label={versus} />}
      {rows.length === 0 ? (
        <p class="qjw-c-none qjw-2">Nothing was measured.</p>
      ) : asTable ? (
        <DataTable key={keyOf(entry.place)} {...drawn} most={most} />
      ) : (
        <Bars {...drawn} most={most} unit={unit} onPick={onPick} />
      )}
      <Foot
        entry={entry}
        columns={columns}
        shown={rows.length}
        rest={rest}
        labels={labels}
        choose={choose}
      >
        <button type="button" class="qjw-link" onClick={() => setAsTable(!asTable)}>
          {asTable ? "Bars" : "Data table"}
        </button>
      </Foot>
    </>
  );
}

/** Return the largest share among the bars; the rest may reach out of the axis. */
function mostOf(entry: Entry, columns: Columns, rows: Uint32Array, rest: Rest | null): number {
  const { counts, expected } = columns;
  let most = rows.length > 0 ? 0 : (rest?.count ?? 0) / entry.shots;
  for (const row of rows) {
    most = Math.max(most, (counts[row] as number) / entry.shots, expected?.[row] ?? 0);
  }
  return most;
}

/** How far the counts are from what they are compared with. */
function Figures({ entry, other, label }: { entry: Entry; other: Other; label: string }) {
  return (
    <div class="qjw-ct-figs">
      <Figure
        name="Hellinger fidelity"
        value={number(other.fidelity, 3)}
        more={noiseOf(other.error)}
        title={`${FIDELITY}, against ${label}`}
      />
      <Figure
        name="Total variation"
        value={number(other.variation, 3)}
        title={`${VARIATION}, against ${label}`}
      />
      <Figure name="Shots" value={number(entry.shots)} />
      <span class="qjw-grow" />
      <span class="qjw-ct-leg" aria-hidden="true">
        <span>
          <i class="qjw-ct-sw qjw-ct-sw-b" />
          this job
        </span>
        <span>
          <i class="qjw-ct-sw qjw-ct-sw-i" />
          {label}
        </span>
        <span class="qjw-hide-s">
          <i class="qjw-ct-sw qjw-ct-sw-e" />
          shot noise, 1σ
        </span>
      </span>
    </div>
  );
}

function Figure(props: { name: string; value: string; more?: string | null; title?: string }) {
  const { name, value, more, title } = props;
  return (
    <span class="qjw-ct-fig" title={title}>
      <span>{name}</span>
      <b>
        {value} {more && <small>{more}</small>}
      </b>
    </span>
  );
}

interface FootProps {
  entry: Entry;
  columns: Columns;
  shown: number;
  rest: Rest | null;
  labels: readonly string[];
  choose: (part: Partial<Choices>) => void;
  children: ComponentChildren;
}

function Foot({ entry, columns, shown, rest, labels, choose, children }: FootProps) {
  const [dictCopied, copyDict] = useCopy(() => asDict(entry));
  const [csvCopied, copyCsv] = useCopy(() => asCsv(entry, labels));
  const n = columns.counts.length;
  const more = nextStep(shown, n);
  return (
    <div class="qjw-foot qjw-ct-foot">
      <span>
        {rest
          ? `Top ${number(shown)}, and other (${count(rest.kinds, "outcome")}, ${percent(rest.count / entry.shots)})`
          : `${count(n, "outcome")}, ${count(entry.shots, "shot")}`}
      </span>
      <span class="qjw-grow" />
      {more !== null && (
        <button type="button" class="qjw-link" onClick={() => choose({ top: more })}>
          Show {more === n ? "all" : number(more)}
        </button>
      )}
      {shown > 16 && (
        <button type="button" class="qjw-link" onClick={() => choose({ top: 16 })}>
          Show 16
        </button>
      )}
      {children}
      <button type="button" class="qjw-link" onClick={copyCsv}>
        {csvCopied ? "Copied" : "Copy CSV"}
      </button>
      <button type="button" class="qjw-link" onClick={copyDict}>
        {dictCopied ? "Copied" : "Copy as dict"}
      </button>
    </div>
  );
}
