/** What most of a card's tabs hold: the result, the inputs, and the jobs of the session. */
import type { ComponentChildren } from "preact";
import { Bars } from "../counts/bars.tsx";
import type { Row } from "../lib/model.ts";
import { Badge, Icon, IconButton } from "../lib/parts.tsx";
import { count, number, percent, shortId } from "../lib/words.ts";
import { CircuitDrawing } from "./circuit.tsx";
import type { Circuit, Place, PubInput, Register } from "./model.ts";
import { Absent, type PaneProps } from "./pane.tsx";

interface StepsProps {
  /** What there are several of. */
  of: string;
  at: number;
  known: number;
  go(at: number): void;
}

function Steps({ of, at, known, go }: StepsProps) {
  return (
    <>
      <IconButton
        icon="left"
        label={`Previous ${of}`}
        disabled={at === 0}
        onClick={() => go(at - 1)}
      />
      <IconButton
        icon="right"
        label={`Next ${of}`}
        disabled={at >= known - 1}
        onClick={() => go(at + 1)}
      />
    </>
  );
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
          {acts && <Steps of="PUB" at={place.at} known={place.known} go={go} />}
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
        {acts && <Steps of="job" at={found.at} known={found.jobs.length} go={open} />}
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
