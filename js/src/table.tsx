/**
 * JobsTable: many jobs, live. Header with counts and freshness, rows, and what is shown of how
 * many; each job is sent once, then only what changed (see `table/store.ts`).
 */
import { Fragment } from "preact";
import { type Cell, traitCell, useCells } from "./lib/cell.ts";
import { knownUntil } from "./lib/freshness.ts";
import { draw, type Present, presentOf } from "./lib/live.ts";
import type { Model, Row } from "./lib/model.ts";
import { FreshMark, IconButton, Trouble, useCopy } from "./lib/parts.tsx";
import { define, type View } from "./lib/widget.ts";
import { count, number } from "./lib/words.ts";
import { axisFor } from "./table/clock.ts";
import { Grid } from "./table/grid.tsx";
import { openStore, type TableStore } from "./table/store.ts";

interface TableProps {
  model: Model;
  store: TableStore;
  present: Present;
  title: Cell<string>;
  total: Cell<number | null>;
  hint: Cell<string>;
  requests: Cell<number>;
}

function Table({ model, store, present, title, total, hint, requests }: TableProps) {
  useCells(store.rows, present.fresh, present.now, title, total, hint, requests);
  const fresh = present.fresh.value;
  const rows = store.rows.value;
  // without a kernel nothing can be asked; a refused token has its own button
  const refreshable = fresh.state === "live" || fresh.state === "offline";
  // the rows may be the newest of more
  const all = Math.max(total.value ?? 0, rows?.length ?? 0);
  const loading = rows === null || (rows.length === 0 && fresh.state === "connecting");
  return (
    <>
      <div class="qjw-bar">
        <span class="qjw-title">{title.value}</span>
        {loading ? <span class="qjw-sum">Loading jobs…</span> : <Summary total={all} rows={rows} />}
        <span class="qjw-grow" />
        <FreshMark fresh={fresh} now={present.now.value} />
        {refreshable && (
          <IconButton
            icon="refresh"
            label="Refresh now"
            onClick={() => model.send({ kind: "refresh" })}
          />
        )}
      </div>
      <Trouble fresh={fresh} model={model} />
      {loading && <Ghosts />}
      {!loading && rows.length === 0 && <Empty hint={hint.value} />}
      {!loading && rows.length > 0 && <Rows rows={rows} store={store} present={present} />}
      {!loading && rows.length > 0 && (
        <Foot
          shown={rows.length}
          total={all}
          requests={fresh.state === "gone" ? null : requests.value}
        />
      )}
    </>
  );
}

function Rows({ rows, store, present }: { rows: Row[]; store: TableStore; present: Present }) {
  const fresh = present.fresh.value;
  const now = present.now.value;
  const until = knownUntil(fresh, now);
  const context = {
    now,
    until,
    axis: axisFor(rows, until),
    absolute: fresh.state === "offline",
    acts: fresh.state !== "gone",
    cancel: store.cancel,
  };
  return <Grid rows={rows} context={context} />;
}

/** "64 jobs · 3 running · 12 queued · 1 failed"; zeros are left out, but for the jobs. */
function Summary({ total, rows }: { total: number; rows: readonly Row[] }) {
  const having = (status: string) => rows.filter((row) => row.status === status).length;
  const parts = [
    { n: having("RUNNING"), word: "running", tone: "" },
    { n: having("QUEUED"), word: "queued", tone: "" },
    { n: having("ERROR"), word: "failed", tone: "qjw-sum-fail" },
  ].filter((part) => part.n > 0);
  return (
    <span class="qjw-sum">
      <span>{count(total, "job")}</span>
      {parts.map(({ n, word, tone }) => (
        <Fragment key={word}>
          <i>·</i>
          <span class={tone}>
            <b>{number(n)}</b> {word}
          </span>
        </Fragment>
      ))}
    </span>
  );
}

const GHOSTS = [
  [70, 110, 90],
  [64, 96, 70],
  [82, 120, 110],
  [54, 88, 60],
] as const;

/** Four rows of real height that stand for those to come. */
function Ghosts() {
  return (
    <div aria-hidden="true">
      {GHOSTS.map(([status, job, line]) => (
        <div key={status} class="qjw-tr qjw-row">
          <Ghost width={status} />
          <Ghost width={job} />
          <Ghost width={60} class="qjw-c-prog" />
          <Ghost width={74} class="qjw-c-back" />
          <Ghost width={44} />
          <Ghost width={line} class="qjw-c-line" />
        </div>
      ))}
    </div>
  );
}

function Ghost({ width, class: column }: { width: number; class?: string }) {
  return (
    <span class={column}>
      <span class="qjw-ghost" style={{ width: `${width}px` }} />
    </span>
  );
}

function Empty({ hint }: { hint: string }) {
  const [copied, copy] = useCopy(() => hint);
  return (
    <div class="qjw-empty">
      <p>No jobs yet. Try:</p>
      <span class="qjw-try">
        {hint}
        <IconButton icon={copied ? "check" : "copy"} label="Copy command" onClick={copy} />
      </span>
      <p class="qjw-2 qjw-sm">New jobs appear here by themselves.</p>
    </div>
  );
}

interface FootProps {
  shown: number;
  total: number;
  /** Requests in the last minute; null when there is nobody to make them. */
  requests: number | null;
}

function Foot({ shown, total, requests }: FootProps) {
  return (
    <div class="qjw-foot">
      <span>
        {shown < total
          ? `Showing ${number(shown)} of ${number(total)}`
          : `Showing all ${number(total)}`}
      </span>
      <span class="qjw-grow" />
      {requests !== null && <span>{number(requests)} requests/min</span>}
    </div>
  );
}

function mount(store: TableStore, model: Model, view: View): void {
  const onHost = (): void => {
    if (!view.connected()) store.forget();
  };
  view.onHost(onHost);
  draw(
    view,
    <Table
      model={model}
      store={store}
      present={presentOf(model, view)}
      title={traitCell(model, "title")}
      total={traitCell(model, "total")}
      hint={traitCell(model, "hint")}
      requests={traitCell(model, "requests_per_minute")}
    />,
  );
}

export default define(openStore, mount);
