/** One row of the table: its cells, why it failed, and the question before it is cancelled. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Row } from "../lib/model.ts";
import { Answers, Badge, Icon, IconButton, Prose, useCopy } from "../lib/parts.tsx";
import { ahead, consequence, isFinal } from "../lib/status.ts";
import { ago, duration, moment, shortId, took, UNKNOWN, usage, wholeDate } from "../lib/words.ts";
import { type Axis, courseOf, courseWords, ranFor } from "./clock.ts";

/** What a row needs to know beyond itself, and what it may do. */
export interface RowContext extends RowActs {
  now: number;
  /** The moment up to which running times are known. */
  until: number;
  axis: Axis;
  /** Times of day instead of ages: what is shown is not known to be of now. */
  absolute: boolean;
  /** Whether the kernel can still be told anything. */
  acts: boolean;
  /** "session" or "batch" by session id, as far as known. */
  modes: Record<string, string>;
  /** Whether the table has been painted: what can't be seen, or looks the same, waits for that. */
  painted: boolean;
}

export interface RowActs {
  ask(id: string | null): void;
  cancel(id: string): void;
  open(row: Row): void;
  /** Select a row, or no longer; with `extend`, all from the last one to this. */
  select(row: Row, extend: boolean): void;
  /** Says how tall a row is when that is not known beforehand. */
  measured(key: string, height: number): void;
}

interface RowProps {
  row: Row;
  /** What tells this line from the others: a job may be in several groups. */
  line: string;
  /** 1, or 2 in a group; undefined in a table without groups. */
  level: number | undefined;
  context: RowContext;
  /** Place in the whole table, from 1; the head is row 1. */
  index: number;
  top: number;
  /** Whether it is the tab stop. */
  focused: boolean;
  /** Whether it is the job opened last. */
  current: boolean;
  selected: boolean;
  asking: boolean;
  /** What is shown below it. */
  children: ComponentChildren;
}

/** Whether a row is taller than one line, because it says why. */
export function hasWhy(row: Row): boolean {
  return (row.status === "ERROR" && row.reason !== null) || row.note !== null;
}

/** Whether the job can be asked to stop. */
export function canCancel(row: Row): boolean {
  return !isFinal(row.status) && !row.cancelling;
}

export function TableRow(props: RowProps) {
  const { row, line, level, context, index, top, focused, current, selected, asking } = props;
  const { children } = props;
  const item = useRef<HTMLDivElement>(null);
  const why = hasWhy(row);
  const tall = why || children !== null;
  // lines that scroll, are moved or get the focus keep their cells
  const cells = useMemo(
    () => <Cells row={row} selected={selected} context={context} />,
    [row, selected, context],
  );
  useLayoutEffect(() => {
    if (tall && item.current) context.measured(line, item.current.offsetHeight);
  });
  return (
    <div
      ref={item}
      role="row"
      class={itemClass(selected, current)}
      aria-rowindex={index}
      aria-level={level}
      aria-selected={selected}
      aria-current={current || undefined}
      data-key={line}
      data-job={row.id}
      data-status={row.status}
      tabIndex={focused ? 0 : -1}
      style={{ top: `${top}px` }}
    >
      {asking ? <Question row={row} context={context} /> : cells}
      {why && <Why row={row} />}
      {children}
    </div>
  );
}

function itemClass(selected: boolean, current: boolean): string {
  return `qjw-item${selected ? " qjw-is-sel" : ""}${current ? " qjw-is-cur" : ""}`;
}

interface CellsProps {
  row: Row;
  selected: boolean;
  context: RowContext;
}

function Cells({ row, selected, context }: CellsProps) {
  const ran = ranFor(row, context.until);
  return (
    <div class={hasWhy(row) ? "qjw-tr qjw-row qjw-has-why" : "qjw-tr qjw-row"} role="none">
      {context.painted || selected ? (
        <span class="qjw-c-sel" role="gridcell">
          <input
            type="checkbox"
            class="qjw-cb"
            aria-label={`Select job ${row.id}`}
            checked={selected}
            tabIndex={-1}
            onClick={(event) => context.select(row, event.shiftKey)}
          />
        </span>
      ) : (
        <span class="qjw-c-sel qjw-cb" role="gridcell" />
      )}
      <Badge
        row={row}
        detail={row.status === "QUEUED" ? ahead(row.position) : null}
        cell="qjw-c-st"
      />
      <JobCell row={row} painted={context.painted} />
      <span class="qjw-c-program qjw-td2" role="gridcell">
        {row.program ?? UNKNOWN}
      </span>
      <span class="qjw-c-backend qjw-td2" role="gridcell" title={row.backend ?? undefined}>
        {row.backend ?? UNKNOWN}
      </span>
      <Created row={row} context={context} />
      <CourseCell row={row} context={context} />
      <span class="qjw-c-ran qjw-num qjw-td2" role="gridcell">
        {ran === null ? UNKNOWN : isFinal(row.status) ? took(ran) : duration(ran)}
      </span>
      <span class="qjw-c-usage qjw-num qjw-td2" role="gridcell">
        {row.usage === null && !isFinal(row.status) ? "" : usage(row.usage)}
      </span>
      <Tags tags={row.tags} />
      <span class="qjw-acts" role="gridcell">
        {context.painted && <RowButtons row={row} context={context} />}
      </span>
    </div>
  );
}

function RowButtons({ row, context }: { row: Row; context: RowContext }) {
  return (
    <>
      {context.acts && canCancel(row) && (
        <IconButton
          icon="stop"
          label={`Cancel job ${row.id}`}
          tabIndex={-1}
          onClick={() => context.ask(row.id)}
        />
      )}
      <IconButton
        icon="open"
        label={`Open job ${row.id}`}
        tabIndex={-1}
        onClick={() => context.open(row)}
      />
    </>
  );
}

function JobCell({ row, painted }: { row: Row; painted: boolean }) {
  return (
    <span class="qjw-job" role="gridcell">
      {row.program && <span class="qjw-name">{row.program}</span>}
      <span class="qjw-id qjw-idw" title={row.id}>
        {shortId(row.id)}
        {painted && <CopyId key={row.id} id={row.id} />}
      </span>
    </span>
  );
}

function CopyId({ id }: { id: string }) {
  const [copied, copy] = useCopy(() => id);
  return (
    <button
      type="button"
      class={copied ? "qjw-copy qjw-is-on" : "qjw-copy"}
      title="Copy id"
      aria-label={`Copy id ${id}`}
      tabIndex={-1}
      onClick={copy}
    >
      <Icon name={copied ? "check" : "copy"} />
    </button>
  );
}

function Created({ row, context }: { row: Row; context: RowContext }) {
  const { now, absolute } = context;
  if (row.created === null) {
    return (
      <span class="qjw-c-created qjw-td2" role="gridcell">
        {UNKNOWN}
      </span>
    );
  }
  return (
    <span class="qjw-c-created qjw-td2" role="gridcell" title={wholeDate(row.created)}>
      {absolute ? moment(row.created, now) : ago(row.created, now)}
    </span>
  );
}

const BAR = { wait: "qjw-g-w", run: "qjw-g-r", estimate: "qjw-g-e" };

function CourseCell({ row, context }: { row: Row; context: RowContext }) {
  const course = courseOf(row, context.axis);
  const words = courseWords(row, context.until);
  return (
    <span class={`qjw-c-timeline qjw-g qjw-g-${course.tone}`} role="gridcell" title={words}>
      {context.painted && <span class="qjw-said">{words}</span>}
      {course.older && <i class="qjw-g-old" />}
      {course.bars.map((bar) => (
        <i
          key={bar.kind}
          class={BAR[bar.kind]}
          style={{ left: `${bar.left.toFixed(2)}%`, width: `${bar.width.toFixed(2)}%` }}
        />
      ))}
    </span>
  );
}

/** Two tags, and how many there are beside them. */
function Tags({ tags }: { tags: readonly string[] }) {
  const shown = tags.length > 2 ? tags.slice(0, 1) : tags;
  const rest = tags.length - shown.length;
  return (
    <span class="qjw-c-tags qjw-tags" role="gridcell" title={tags.join(", ") || undefined}>
      {shown.map((tag) => (
        <span key={tag} class="qjw-tag">
          {tag}
        </span>
      ))}
      {rest > 0 && <span class="qjw-tag qjw-tag-rest">+{rest}</span>}
    </span>
  );
}

function Why({ row }: { row: Row }) {
  const failed = row.status === "ERROR" && row.reason !== null;
  return (
    <div class="qjw-why" role="gridcell">
      {failed && <b>{row.reason}</b>}
      {failed && row.advice && <Prose text={row.advice} />}
      {row.note && <b class="qjw-refused">{row.note}</b>}
    </div>
  );
}

/** Asks once, in the row's own place; the safe answer has the focus. */
function Question({ row, context }: { row: Row; context: RowContext }) {
  return (
    <div class="qjw-ask" role="gridcell" title={row.id}>
      <span class="qjw-clip">
        Cancel job {shortId(row.id)}? <span class="qjw-hide-s">{consequence([row])}</span>
      </span>
      <Answers
        safe="Keep job"
        act="Cancel job"
        onSafe={() => context.ask(null)}
        onAct={() => {
          context.ask(null);
          context.cancel(row.id);
        }}
      />
    </div>
  );
}
