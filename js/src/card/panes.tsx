/** What a card's tabs hold: result, inputs, logs, the jobs of the session, and a comparison. */
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Bars } from "../counts/bars.tsx";
import type { Model, Row } from "../lib/model.ts";
import { Badge, Icon, IconButton, useCopy } from "../lib/parts.tsx";
import { isFinal } from "../lib/status.ts";
import { count, number, percent, shortId } from "../lib/words.ts";
import { CircuitDrawing } from "./circuit.tsx";
import type { CardTraits, Circuit, Detail, Place, PubInput, Register } from "./model.ts";

export interface PaneProps {
  row: Row;
  traits: CardTraits;
  model: Model;
  /** Whether the kernel can be told anything. */
  acts: boolean;
}

/** What a detail says when there is nothing of it to show, with what to do. */
function Absent({
  detail,
  what,
  waiting,
  children,
  pane,
}: {
  detail: Partial<Detail<unknown>>;
  what: string;
  waiting: string;
  children?: ComponentChildren;
  pane: PaneProps;
}) {
  const { model, row, acts } = pane;
  const again = (): void => model.send({ kind: "again", job: row.id, what });
  if (detail.state === "failed") {
    return (
      <div class="qjw-k-none">
        <span class="qjw-fail">
          <Icon name="error" />
        </span>
        <span>{detail.message}</span>
        {acts && (
          <button type="button" class="qjw-btn" onClick={again}>
            <Icon name="refresh" />
            Try again
          </button>
        )}
      </div>
    );
  }
  const text = acts ? waiting : "This was not fetched while the kernel ran. Run the cell again.";
  return <div class="qjw-k-none qjw-2">{children || text}</div>;
}

// -- result ---------------------------------------------------------------------------------------

export function ResultPane(props: PaneProps) {
  const { row, traits, model, acts } = props;
  const detail = traits.result.value;
  const found = detail.content;
  if (!found) {
    const unread = traits.private.value && row.status === "DONE" && detail.state === "none";
    return (
      <Absent
        detail={detail}
        what="result"
        waiting={row.status === "DONE" ? "Fetching the result…" : noResult(row)}
        pane={props}
      >
        {unread && acts && (
          <>
            <span>The result of a private job can be read once, then the service deletes it.</span>
            <button
              type="button"
              class="qjw-btn"
              onClick={() => model.send({ kind: "read-once", job: row.id })}
            >
              <Icon name="key" />
              Read it now
            </button>
          </>
        )}
      </Absent>
    );
  }
  if (!found.pub) {
    return found.fields.length > 0 ? (
      <Pairs rows={found.fields} />
    ) : (
      <div class="qjw-k-none qjw-2">The result is empty.</div>
    );
  }
  const { registers, values, total } = found.pub;
  return (
    <div class="qjw-k-res">
      <PubBar place={found} pane={props} />
      {registers.map((register) => (
        <RegisterBars key={register.name} register={register} alone={registers.length === 1} />
      ))}
      {values.length > 0 && <Values values={values} total={total} />}
      {registers.length === 0 && values.length === 0 && (
        <div class="qjw-k-none qjw-2">This PUB has neither counts nor expectation values.</div>
      )}
    </div>
  );
}

function noResult(row: Row): string {
  if (row.status === "ERROR") return "The job failed, so it has no result.";
  if (row.status === "CANCELLED") return "The job was cancelled, so it has no result.";
  return "The result appears here when the job is done.";
}

function RegisterBars({ register, alone }: { register: Register; alone: boolean }) {
  const { name, num_bits, shots, kinds, top } = register;
  const outcomes = top.map(([bits, times]) => ({ bits, count: times }));
  const left = shots - outcomes.reduce((sum, one) => sum + one.count, 0);
  const rest = kinds > outcomes.length ? { kinds: kinds - outcomes.length, count: left } : null;
  return (
    <>
      {!alone && <h4 class="qjw-k-sub4">{name}</h4>}
      <Bars entry={{ register: name, num_bits, shots }} outcomes={outcomes} rest={rest} />
      <div class="qjw-foot">
        {rest
          ? `Top ${number(outcomes.length)}, and other (${number(rest.kinds)} outcomes, ${percent(left / shots)})`
          : `${count(kinds, "outcome")}, ${count(shots, "shot")}`}
      </div>
    </>
  );
}

type ValueRow = [label: string, value: number | null, error: number | null];

function Values({ values, total }: { values: ValueRow[]; total: number }) {
  return (
    <>
      <table class="qjw-k-table">
        <thead>
          <tr>
            <th scope="col" />
            <th scope="col" class="qjw-num">
              Value
            </th>
            <th scope="col" class="qjw-num">
              Standard error
            </th>
          </tr>
        </thead>
        <tbody>
          {values.map(([label, value, error]) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              <td class="qjw-num">{value === null ? "–" : number(value, decimals(error))}</td>
              <td class="qjw-num qjw-2">
                {error === null ? "–" : `± ${number(error, decimals(error))}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {total > values.length && (
        <div class="qjw-foot">
          Showing {number(values.length)} of {number(total)}; job.result() has all
        </div>
      )}
    </>
  );
}

/** Return how many places a value deserves: two digits of its error. */
function decimals(error: number | null): number {
  if (!error) return 6;
  return Math.min(9, Math.max(0, 1 - Math.floor(Math.log10(error))));
}

/** Which PUB is shown, and the ways to the others. */
function PubBar({ place, pane, children }: PlaceProps) {
  const { model, row, acts } = pane;
  const go = (at: number): void => model.send({ kind: "pub", job: row.id, at });
  if (place.total < 2 && !children) return null;
  return (
    <div class="qjw-k-pub">
      {place.total > 1 && (
        <>
          <span>
            PUB <b>{number(place.at)}</b> of {number(place.total)}
          </span>
          {acts && (
            <>
              <IconButton
                icon="left"
                label="Previous PUB"
                disabled={place.at === 0}
                onClick={() => go(place.at - 1)}
              />
              <IconButton
                icon="right"
                label="Next PUB"
                disabled={place.at >= place.known - 1}
                onClick={() => go(place.at + 1)}
              />
            </>
          )}
        </>
      )}
      {children}
    </div>
  );
}

interface PlaceProps {
  place: Place;
  pane: PaneProps;
  children?: ComponentChildren;
}

function Pairs({ rows }: { rows: [name: string, text: string][] }) {
  return (
    <table class="qjw-k-table">
      <tbody>
        {rows.map(([name, text]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{text}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

// -- inputs ---------------------------------------------------------------------------------------

export function InputsPane(props: PaneProps) {
  const detail = props.traits.inputs.value;
  const found = detail.content;
  if (!found) {
    return <Absent detail={detail} what="inputs" waiting="Fetching the inputs…" pane={props} />;
  }
  const { pub, options } = found;
  return (
    <div class="qjw-k-in">
      {pub && (
        <PubBar place={found} pane={props}>
          <span class="qjw-clip">{aboutPub(pub)}</span>
        </PubBar>
      )}
      {pub?.circuit && <CircuitDrawing circuit={pub.circuit} />}
      {pub?.circuit && <Cut circuit={pub.circuit} />}
      {!pub && <p class="qjw-2 qjw-k-p">The inputs hold no circuit.</p>}
      {options.length > 0 && (
        <>
          <h4 class="qjw-k-sub4">{pub ? "Options" : "Inputs"}</h4>
          <Pairs rows={options} />
        </>
      )}
    </div>
  );
}

function aboutPub(pub: PubInput): string {
  const { circuit } = pub;
  const parts = [
    circuit?.name,
    circuit && count(circuit.num_qubits, "qubit"),
    circuit?.depth !== null && circuit && `depth ${number(circuit.depth)}`,
    circuit && circuit.num_parameters > 0 && count(circuit.num_parameters, "parameter"),
    pub.observables && `observable ${pub.observables}`,
    pub.values && `values ${pub.values.join("×")}`,
    pub.shots !== null && count(pub.shots, "shot"),
    pub.precision !== null && `precision ${pub.precision}`,
  ];
  return parts.filter(Boolean).join(" · ");
}

/** What of the circuit is not drawn. */
function Cut({ circuit }: { circuit: Circuit }) {
  const parts = [
    circuit.left_out > 0 &&
      `first ${number(circuit.gates.length)} of ${number(circuit.gates.length + circuit.left_out)} instructions`,
    circuit.idle > 0 && `${count(circuit.idle, "qubit")} not drawn`,
  ].filter(Boolean);
  return parts.length > 0 ? <p class="qjw-k-p qjw-2 qjw-sm">{parts.join(" · ")}</p> : null;
}

// -- logs -----------------------------------------------------------------------------------------

const LEVELS: Record<string, string> = { ERROR: "qjw-fail", CRITICAL: "qjw-fail", WARNING: "wait" };
const AGAIN = 5000;

export function LogsPane(props: PaneProps) {
  const { row, model, acts, traits } = props;
  const detail = traits.logs.value;
  const scroller = useRef<HTMLDivElement>(null);
  const [copied, copy] = useCopy(() => traits.logs.value.content?.text ?? "");
  const found = detail.content;
  const open = !isFinal(row.status);
  useEffect(() => {
    if (!acts) return undefined;
    const ask = (): void => {
      if (document.visibilityState === "visible") {
        model.send({ kind: "again", job: row.id, what: "logs" });
      }
    };
    if (!open) {
      // the last lines come with the end
      if (traits.logs.value.state === "ready") ask();
      return undefined;
    }
    const timer = setInterval(ask, AGAIN);
    return () => clearInterval(timer);
  }, [row.id, open, acts, model, traits]);
  useLayoutEffect(() => {
    const el = scroller.current;
    if (el) el.scrollTop = el.scrollHeight;
  }, [found?.text]);
  if (!found) {
    return <Absent detail={detail} what="logs" waiting="Fetching the log…" pane={props} />;
  }
  if (found.text.trim() === "") {
    return (
      <div class="qjw-k-none qjw-2">
        {open ? "Nothing logged so far." : "This job logged nothing."}
      </div>
    );
  }
  return (
    <>
      <section
        class="qjw-k-log"
        ref={scroller}
        aria-label="Log"
        tabIndex={0}
        data-lm-suppress-shortcuts
      >
        {found.text.split("\n").map((line, i) => (
          <div key={i} class={toneOf(line)}>
            {line}
          </div>
        ))}
      </section>
      <div class="qjw-foot">
        <span>
          {found.cut ? `The end of ${count(found.lines, "line")}` : count(found.lines, "line")}
          {open && ", refreshed every 5\u202fs"}
        </span>
        {detail.state === "failed" && <span class="qjw-fail qjw-clip">{detail.message}</span>}
        <span class="qjw-grow" />
        <button type="button" class="qjw-link" onClick={copy}>
          {copied ? "Copied" : "Copy log"}
        </button>
      </div>
    </>
  );
}

function toneOf(line: string): string | undefined {
  const level = line.match(/\b(WARNING|WARN|ERROR|CRITICAL)\b/)?.[1];
  if (!level) return undefined;
  return LEVELS[level] === "qjw-fail" ? "qjw-fail" : "qjw-k-warn";
}

// -- the session ----------------------------------------------------------------------------------

export function SessionPane(props: PaneProps) {
  const { row, traits, model, acts } = props;
  const detail = traits.neighbours.value;
  const found = detail.content;
  if (!found) {
    return (
      <Absent
        detail={detail}
        what="neighbours"
        waiting="Fetching the jobs beside it…"
        pane={props}
      />
    );
  }
  const open = (place: number): void => {
    const job = found.jobs[place];
    if (job) model.send({ kind: "open", job: row.id, what: job.id });
  };
  return (
    <>
      <div class="qjw-k-pub">
        <span>{count(found.total, "job")}</span>
        {acts && (
          <>
            <IconButton
              icon="left"
              label="Previous job"
              disabled={found.at === 0}
              onClick={() => open(found.at - 1)}
            />
            <IconButton
              icon="right"
              label="Next job"
              disabled={found.at >= found.jobs.length - 1}
              onClick={() => open(found.at + 1)}
            />
          </>
        )}
        <span class="qjw-grow" />
        {found.total > found.jobs.length && (
          <span>the {number(found.jobs.length)} around this one</span>
        )}
      </div>
      <ol class="qjw-k-jobs">
        {found.jobs.map((job, i) => (
          <li key={job.id} class={i === found.at ? "qjw-is-on" : undefined}>
            <Badge row={{ ...row, status: job.status, cancelling: false }} />
            <button
              type="button"
              class="qjw-k-job"
              disabled={!acts || i === found.at}
              aria-current={i === found.at ? "true" : undefined}
              onClick={() => open(i)}
            >
              {job.program ?? "job"} <span class="qjw-id">{shortId(job.id)}</span>
            </button>
          </li>
        ))}
      </ol>
    </>
  );
}

// -- the comparison -------------------------------------------------------------------------------

export function ComparePane(props: PaneProps) {
  const [all, setAll] = useState(false);
  const other = props.traits.other.value;
  if (!other) return <div class="qjw-k-none qjw-2">There is no job to compare with.</div>;
  const differing = other.rows.filter(([, one, two]) => one !== two);
  const shown = all ? other.rows : differing;
  return (
    <>
      <div class="qjw-k-pub">
        <span>
          {differing.length === 0 ? "No difference" : count(differing.length, "difference")}
          {other.loading && ", fetching more…"}
        </span>
        <span class="qjw-grow" />
        <button type="button" class="qjw-btn" aria-pressed={all} onClick={() => setAll(!all)}>
          {all ? "Show differences only" : `Show all ${number(other.rows.length)}`}
        </button>
      </div>
      <table class="qjw-k-table qjw-k-cmp">
        <thead>
          <tr>
            <th scope="col" />
            <th scope="col" class="qjw-id">
              {shortId(props.row.id)}
            </th>
            <th scope="col" class="qjw-id">
              {shortId(other.job.id)}
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map(([label, one, two]) => (
            <tr key={label} class={one === two ? undefined : "qjw-k-diff"}>
              <th scope="row">{label}</th>
              <td>{one}</td>
              <td>{two}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
