/**
 * The whole table: header with counts and freshness, filters or what is selected, rows, and how
 * many are shown. A dashboard uses it as it is, with a store of its own model.
 */
import { type ComponentChildren, Fragment, type RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Cell, traitCell, useCells } from "../lib/cell.ts";
import { knownUntil } from "../lib/freshness.ts";
import type { Present } from "../lib/live.ts";
import { Menu, MenuAct, MenuCheck } from "../lib/menu.tsx";
import type { Model, Row } from "../lib/model.ts";
import { FreshMark, Icon, IconButton, Trouble, useCopy } from "../lib/parts.tsx";
import { lookOf } from "../lib/status.ts";
import { count, number, shortId } from "../lib/words.ts";
import type { Known } from "./book.ts";
import { BulkBar, OutcomeBar } from "./bulk.tsx";
import { COLUMNS, columnClasses, columnToggled } from "./columns.ts";
import { asCsv, download } from "./export.ts";
import { FilterBar, shownOf } from "./filters.tsx";
import { useRefuge } from "./focus.ts";
import { Grid } from "./grid.tsx";
import { type Filter, having } from "./query.ts";
import type { RowContext } from "./row.tsx";
import type { TableStore } from "./store.ts";

export interface TableTraits {
  title: Cell<string>;
  /** Jobs of the account, of which the table may know only the newest. */
  total: Cell<number | null>;
  hint: Cell<string>;
  requests: Cell<number>;
}

export function tableTraits(model: Model): TableTraits {
  return {
    title: traitCell(model, "title"),
    total: traitCell(model, "total"),
    hint: traitCell(model, "hint"),
    requests: traitCell(model, "requests_per_minute"),
  };
}

interface TableProps {
  model: Model;
  store: TableStore;
  present: Present;
  traits: TableTraits;
  /** What is shown below the row of the current job; null for a table that only names it. */
  unfold: ((row: Row, context: RowContext) => ComponentChildren) | null;
  /** What stands below the header, of whoever uses the table. */
  strip?: ComponentChildren;
}

export function Table({ model, store, present, traits, unfold, strip }: TableProps) {
  const { known: knownCell, filter, sort, group, columns, modes } = store;
  useCells(knownCell, filter, sort, group, columns, modes, store.current, store.selected);
  useCells(store.outcome, present.fresh, present.now, ...Object.values(traits));
  const head = useRef<HTMLDivElement>(null);
  const fresh = present.fresh.value;
  const known = knownCell.value;
  // the rows may be the newest of more
  const all = Math.max(traits.total.value ?? 0, known?.total ?? 0);
  const none = known === null || known.total === 0;
  const loading = known === null || (none && fresh.state === "connecting");
  // without a kernel nothing can be asked; a refused token has its own button
  const askable = fresh.state === "live" || fresh.state === "offline";
  const refresh = (): void => model.send({ kind: "refresh" });
  const needsRest = isAsked(store);
  useLayoutEffect(() => {
    if (needsRest) store.wantRest();
  });
  return (
    <>
      <div ref={head} class={loading || none ? "qjw-bar" : "qjw-bar qjw-t-bar"}>
        <span class="qjw-title">{traits.title.value}</span>
        {loading ? (
          <span class="qjw-sum">Loading jobs…</span>
        ) : (
          <Summary total={all} known={known} store={store} />
        )}
        <span class="qjw-grow" />
        <FreshMark fresh={fresh} now={present.now.value} />
        {askable && (
          <span class="qjw-hide-s">
            <IconButton icon="refresh" label="Refresh now" onClick={refresh} />
          </span>
        )}
        {!loading && !none && (
          <MoreMenu store={store} known={known} refresh={askable ? refresh : null} />
        )}
      </div>
      <Trouble fresh={fresh} model={model} />
      {strip}
      {loading && <Ghosts />}
      {!loading && none && <Empty hint={traits.hint.value} />}
      {!loading && !none && <Body {...{ store, known, present, unfold, head }} />}
      {!loading && !none && (
        <Foot
          known={known}
          all={all}
          store={store}
          requests={fresh.state === "gone" ? null : traits.requests.value}
        />
      )}
      <Announcer news={store.news} />
    </>
  );
}

/** Whether more is asked for than the default order of all rows, for which all are needed. */
function isAsked(store: TableStore): boolean {
  const sorted = (store.sort.value ?? "status") !== "status";
  return sorted || Boolean(store.group.value) || Object.keys(store.filter.value).length > 0;
}

type BodyProps = Pick<TableProps, "store" | "present" | "unfold"> & {
  known: Known;
  head: RefObject<HTMLDivElement | null>;
};

function Body({ store, known, present, unfold, head }: BodyProps) {
  const search = useRef<HTMLInputElement>(null);
  const grid = useRef<HTMLDivElement>(null);
  const [asked, setAsked] = useState<ReadonlySet<string> | null>(null);
  const fresh = present.fresh.value;
  const now = present.now.value;
  const acts = fresh.state !== "gone";
  const selected = store.selected.value;
  // a question is about what was selected then, and goes with it
  const asking = asked === selected;
  const outcome = store.outcome.value;
  const toRows = (options?: FocusOptions): void =>
    grid.current?.querySelector<HTMLElement>('[role="row"][tabindex="0"]')?.focus(options);
  // who has scrolled on since stays there
  const back = (): void => toRows({ preventScroll: true });
  useRefuge(head, back);
  const keep = (next: boolean): void => {
    setAsked(next ? selected : null);
    if (!next) back();
  };
  return (
    <>
      {selected.size > 0 ? (
        <BulkBar
          rows={[...selected].flatMap((id) => known.rows.get(id) ?? [])}
          asking={asking}
          acts={acts}
          ask={keep}
          cancel={(ids) => {
            store.selected.value = new Set();
            store.cancel(ids);
            keep(false);
          }}
          clear={() => {
            store.selected.value = new Set();
            keep(false);
          }}
        />
      ) : outcome ? (
        <OutcomeBar outcome={outcome} dismiss={store.dismiss} />
      ) : (
        <FilterBar store={store} known={known} search={search} toRows={toRows} />
      )}
      {known.listed.length === 0 ? (
        <NoMatch store={store} known={known} />
      ) : (
        <Grid
          store={store}
          known={known}
          columns={columnClasses(store.columns.value ?? [], known)}
          context={{
            now,
            until: knownUntil(fresh, now),
            absolute: fresh.state === "offline",
            acts,
          }}
          unfold={unfold}
          grid={grid}
          toSearch={() => search.current?.focus()}
          askAll={() => setAsked(selected)}
        />
      )}
    </>
  );
}

const COUNTED = [
  ["RUNNING", "running", ""],
  ["QUEUED", "queued", ""],
  ["ERROR", "failed", "qjw-sum-fail"],
] as const;

interface SummaryProps {
  total: number;
  known: Known;
  store: TableStore;
}

/** "64 jobs · 3 running · 12 queued · 1 failed"; pressed, they filter. Zeros are left out. */
function Summary({ total, known, store }: SummaryProps) {
  const filter = store.filter.value;
  const parts = COUNTED.filter(([status]) => known.counts.has(status));
  const only = (status: string): boolean =>
    filter.status?.length === 1 && filter.status[0] === status;
  const press = (status: string): void =>
    store.put("filter", having(filter, "status", only(status) ? [] : [status]));
  return (
    <span class="qjw-sum">
      <span>{count(total, "job")}</span>
      {parts.map(([status, word, tone]) => (
        <Fragment key={status}>
          <i>·</i>
          <button
            type="button"
            class={tone}
            aria-pressed={only(status)}
            title={only(status) ? "Show all jobs" : `Show only these`}
            onClick={() => press(status)}
          >
            <b>{number(known.counts.get(status) ?? 0)}</b> {word}
          </button>
        </Fragment>
      ))}
    </span>
  );
}

interface MoreProps {
  store: TableStore;
  known: Known;
  /** Has the kernel look at the service; null when it can't. */
  refresh: (() => void) | null;
}

function MoreMenu({ store, known, refresh }: MoreProps) {
  const [, copy] = useCopy(() => asCsv(known.listed));
  const chosen = store.columns.value ?? [];
  return (
    <Menu label="More" title="More" class="qjw-ib" side="right" face={<Icon name="more" />}>
      {() => {
        store.wantRest();
        return (
          <>
            {refresh && <MenuAct onClick={refresh}>Refresh now</MenuAct>}
            <MenuAct onClick={copy}>Copy rows as CSV</MenuAct>
            <MenuAct onClick={() => download("jobs.csv", asCsv(known.listed), "text/csv")}>
              Download CSV
            </MenuAct>
            <hr />
            {COLUMNS.map(([name, word]) => (
              <MenuCheck
                key={name}
                checked={chosen.length === 0 || chosen.includes(name)}
                onToggle={() => store.put("columns", columnToggled(chosen, name))}
              >
                {word}
              </MenuCheck>
            ))}
          </>
        );
      }}
    </Menu>
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
    <div class="qjw-auto" aria-hidden="true">
      {GHOSTS.map(([status, job, line]) => (
        <div key={status} class="qjw-tr qjw-row">
          <span />
          <Ghost width={status} />
          <Ghost width={job} />
          <Ghost width={60} class="qjw-c-program" />
          <Ghost width={74} class="qjw-c-backend" />
          <Ghost width={44} class="qjw-c-created" />
          <Ghost width={line} class="qjw-c-timeline" />
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

function NoMatch({ store, known }: { store: TableStore; known: Known }) {
  const loading = known.rows.size < known.total;
  return (
    <div class="qjw-empty">
      <p>{loading ? "Loading the other jobs…" : "No jobs match the filter."}</p>
      <ClearFilter store={store} />
    </div>
  );
}

function ClearFilter({ store }: { store: TableStore }) {
  const none: Filter = {};
  return (
    <button type="button" class="qjw-link" onClick={() => store.put("filter", none)}>
      Clear filter
    </button>
  );
}

interface FootProps {
  known: Known;
  /** Jobs there are, also those the table does not know. */
  all: number;
  store: TableStore;
  /** Requests in the last minute; null when there is nobody to make them. */
  requests: number | null;
}

function Foot({ known, all, store, requests }: FootProps) {
  const filtered = Object.keys(store.filter.value).length > 0;
  return (
    <div class="qjw-foot">
      <span>{shownOf(known, filtered ? known.total : all)}</span>
      {filtered && <ClearFilter store={store} />}
      <span class="qjw-grow" />
      {requests !== null && <span>{count(requests, "request")}/min</span>}
    </div>
  );
}

/** Milliseconds between two things that are said. */
const SAY_EVERY = 2000;

/** Says changes of the current and the selected jobs, when there was time to hear the last one. */
function Announcer({ news }: { news: Cell<Row | null> }) {
  const [said, say] = useState("");
  useEffect(() => {
    let free = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tell = (): void => {
      const row = news.value;
      if (!free || !row) return;
      free = false;
      say(`Job ${shortId(row.id)} ${lookOf(row.status, row.cancelling).word}`);
      timer = setTimeout(() => {
        free = true;
        if (news.value !== row) tell();
      }, SAY_EVERY);
    };
    const stop = news.onChange(tell);
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [news]);
  return (
    <span class="qjw-said" role="status">
      {said}
    </span>
  );
}
