/**
 * The scrolling list of rows: only those in sight are in the page, one of them is the tab stop,
 * and keys move it.
 */
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { copyText } from "../lib/clipboard.ts";
import { keepKey } from "../lib/keys.ts";
import type { Row } from "../lib/model.ts";
import { type Axis, NOW_AT } from "./clock.ts";
import { canCancel, hasWhy, type RowContext, TableRow } from "./row.tsx";
import { offsets, windowOf } from "./window.ts";

const LINE = 30;
const NARROW_LINE = 32;
/** Container width from which rows are 30 px tall, as in the style sheet. */
const NARROW = 560;
/** A failed row with one line of reason, until it is measured. */
const WHY = 25;
/** Rows the Page keys move by. */
const PAGE = 15;

interface GridProps {
  rows: readonly Row[];
  context: Omit<RowContext, "ask" | "measured">;
}

export function Grid({ rows, context }: GridProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<GridView>({ top: 0, height: 540, narrow: false, bar: 0 });
  const [current, setCurrent] = useState<string | null>(null);
  const [asking, setAsking] = useState<string | null>(null);
  const { starts, measured } = useStarts(rows, view.narrow ? NARROW_LINE : LINE);
  const at = Math.max(0, indexOf(rows, current));
  const asked =
    context.acts && rows.some((row) => row.id === asking && canCancel(row)) ? asking : null;

  useResize(scroller, setView);
  useKeptFocus(scroller);

  const onScroll = (top: number): void => setView((known) => ({ ...known, top }));
  const ask = (id: string | null): void => {
    setAsking(id);
    // the answer's button leaves with the question: the row keeps the focus
    if (id === null) focusRow(scroller.current, asking);
  };
  const go = (target: number): void => {
    const index = Math.min(rows.length - 1, Math.max(0, target));
    const row = rows[index] as Row;
    setCurrent(row.id);
    reveal(scroller.current, starts, index);
    requestAnimationFrame(() => focusRow(scroller.current, row.id));
  };
  const onKey = (key: string, row: Row): boolean => {
    const target = targetOf(key, at, rows.length);
    if (target !== null) go(target);
    else if (key === "c") void copyText(row.id);
    else if (key === "x" && context.acts && canCancel(row)) ask(row.id);
    else if (key === "Escape" && asked !== null) ask(null);
    else return false;
    return true;
  };
  return (
    <div
      role="grid"
      aria-label="Jobs"
      aria-rowcount={rows.length + 1}
      data-lm-suppress-shortcuts
      onKeyDown={(event) => keepKey(event, (key) => onKey(key, rows[at] as Row))}
    >
      <Head axis={context.axis} bar={view.bar} />
      <div
        ref={scroller}
        class="qjw-scroll"
        role="rowgroup"
        onScroll={(event) => onScroll(event.currentTarget.scrollTop)}
        onFocusIn={(event) => setCurrent(jobAt(event.target) ?? current)}
      >
        <Sheet
          rows={rows}
          starts={starts}
          view={view}
          at={at}
          asked={asked}
          context={{ ...context, ask, measured }}
        />
      </div>
    </div>
  );
}

interface SheetProps {
  rows: readonly Row[];
  /** Where each row begins, and where the last one ends. */
  starts: Float64Array;
  view: GridView;
  /** Index of the row that is the tab stop. */
  at: number;
  /** Id of the job that is asked about. */
  asked: string | null;
  context: RowContext;
}

/** All rows' room, with those in it that are drawn. */
function Sheet({ rows, starts, view, at, asked, context }: SheetProps) {
  const shown = indices(windowOf(starts, view.top, view.height), at);
  const drawn = shown.map((i): [number, Row] => [i, rows[i] as Row]);
  return (
    <div class="qjw-sheet" role="none" style={{ height: `${starts[rows.length]}px` }}>
      {drawn.map(([i, row]) => (
        <TableRow
          key={row.id}
          row={row}
          index={i + 2}
          top={starts[i] as number}
          current={i === at}
          asking={row.id === asked}
          context={context}
        />
      ))}
    </div>
  );
}

function indexOf(rows: readonly Row[], id: string | null): number {
  return rows.findIndex((row) => row.id === id);
}

/** Return where each row begins; rows that say why are as tall as they are measured. */
function useStarts(rows: readonly Row[], line: number) {
  const [tall, setTall] = useState<ReadonlyMap<string, number>>(new Map());
  const starts = useMemo(
    () => offsets(rows.map((row) => (hasWhy(row) ? (tall.get(row.id) ?? line + WHY) : line))),
    [rows, tall, line],
  );
  const measured = (id: string, height: number): void => {
    if (tall.get(id) !== height) setTall((known) => new Map(known).set(id, height));
  };
  return { starts, measured };
}

function Head({ axis, bar }: { axis: Axis; bar: number }) {
  return (
    <div class="qjw-th" role="rowgroup" style={{ paddingRight: `${bar}px` }}>
      <div class="qjw-tr" role="row" aria-rowindex={1}>
        <span class="qjw-is-sorted" role="columnheader" aria-sort="other">
          Status ↓
        </span>
        <span role="columnheader">Job</span>
        <span class="qjw-c-prog" role="columnheader">
          Program
        </span>
        <span class="qjw-c-back" role="columnheader">
          Backend
        </span>
        <span role="columnheader">Created</span>
        <span class="qjw-c-line qjw-g qjw-g-th" role="columnheader" aria-label="Wait and run">
          {axis.ticks.map((tick) => (
            <span key={tick.text} style={{ left: `${tick.at}%` }}>
              {tick.text}
            </span>
          ))}
          <span class="qjw-g-nowl" style={{ left: `${NOW_AT}%` }}>
            now
          </span>
        </span>
        <span class="qjw-c-ran qjw-num" role="columnheader">
          Ran
        </span>
        <span class="qjw-c-use qjw-num" role="columnheader">
          Usage
        </span>
        <span class="qjw-c-tags" role="columnheader">
          Tags
        </span>
        <span role="columnheader" aria-label="Actions" />
      </div>
    </div>
  );
}

/** Return the indices to draw: the window, and the current row wherever it is, to keep focus. */
function indices([first, end]: [number, number], current: number): number[] {
  const shown = Array.from({ length: end - first }, (_, i) => first + i);
  if (end > first && current < first) shown.unshift(current);
  if (end > first && current >= end) shown.push(current);
  return shown;
}

/** Return where a key moves the current row, or null if it does not. */
export function targetOf(key: string, at: number, n: number): number | null {
  switch (key) {
    case "ArrowDown":
      return at + 1;
    case "ArrowUp":
      return at - 1;
    case "PageDown":
      return at + PAGE;
    case "PageUp":
      return at - PAGE;
    case "Home":
      return 0;
    case "End":
      return n - 1;
    default:
      return null;
  }
}

function reveal(scroller: HTMLElement | null, starts: Float64Array, index: number): void {
  if (!scroller) return;
  const top = starts[index] as number;
  const bottom = starts[index + 1] as number;
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  else if (bottom > scroller.scrollTop + scroller.clientHeight) {
    scroller.scrollTop = bottom - scroller.clientHeight;
  }
}

function jobAt(target: EventTarget | null): string | null {
  const item = target instanceof Element ? target.closest<HTMLElement>(".qjw-item") : null;
  return item?.dataset.job ?? null;
}

function focusRow(scroller: HTMLElement | null, id: string | null): void {
  const items = scroller?.querySelectorAll<HTMLElement>(".qjw-item") ?? [];
  [...items].find((item) => item.dataset.job === id)?.focus({ preventScroll: true });
}

function useResize(
  scroller: { current: HTMLDivElement | null },
  setView: (change: (view: GridView) => GridView) => void,
): void {
  useLayoutEffect(() => {
    const el = scroller.current;
    if (!el) return undefined;
    const observer = new ResizeObserver(() => {
      const { clientHeight: height, clientWidth: width, offsetWidth } = el;
      const bar = offsetWidth - width;
      setView((view) => ({ ...view, height, narrow: offsetWidth < NARROW, bar }));
    });
    observer.observe(el);
    return () => observer.disconnect();
  }, [scroller, setView]);
}

interface GridView {
  top: number;
  height: number;
  narrow: boolean;
  /** Width of the scroll bar, which the head leaves free. */
  bar: number;
}

/** Browsers drop the focus of an element that moves within the page: give it back to its row. */
function useKeptFocus(scroller: { current: HTMLDivElement | null }): void {
  const active = activeIn(scroller.current);
  const before = active && jobAt(active);
  const safe = active instanceof HTMLButtonElement && active.closest(".qjw-ask") !== null;
  useLayoutEffect(() => {
    if (!before || activeIn(scroller.current)) return;
    focusRow(scroller.current, before);
    if (safe) scroller.current?.querySelector<HTMLElement>(".qjw-ask button")?.focus();
  });
}

function activeIn(scroller: HTMLElement | null): Element | null {
  const root = scroller?.getRootNode() as Document | ShadowRoot | undefined;
  const active = root?.activeElement ?? null;
  return active && scroller?.contains(active) ? active : null;
}
