/**
 * The scrolling list: only the lines in sight are in the page, one of them is the tab stop, and
 * keys move it, fold groups, open, select and cancel.
 */
import type { ComponentChildren, RefObject } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { copyText } from "../lib/clipboard.ts";
import { keepKey } from "../lib/keys.ts";
import type { Row } from "../lib/model.ts";
import { useKeptScroll } from "../lib/scroll.ts";
import { useHeldPlace } from "./anchor.ts";
import type { Known } from "./book.ts";
import { type Axis, axisFor, NOW_AT } from "./clock.ts";
import { asCode } from "./export.ts";
import {
  focusLine,
  type GridView,
  lineAt,
  reveal,
  UNSEEN,
  useKeptFocus,
  useResize,
} from "./focus.ts";
import { type Folds, groupedLines, type Line, plainLines } from "./groups.ts";
import { Head } from "./head.tsx";
import { type Act, actOf } from "./keys.ts";
import { canCancel, hasWhy, type RowActs, type RowContext } from "./row.tsx";
import { extended, flipped } from "./selection.ts";
import { Sheet } from "./sheet.tsx";
import type { TableStore } from "./store.ts";
import { offsets } from "./window.ts";

const LINE = 30;
const NARROW_LINE = 32;
/** What has clicks and keys of its own within a line. */
const CONTROLS = ".qjw-item button:not(.qjw-more button), input, a, .qjw-detail, .qjw-card";
/** A failed row with one line of reason, until it is measured. */
const WHY = 25;
/** Rows beyond those in sight that are drawn, so that one scrolls into what is there. */
const SPARE = 8;

export interface GridProps {
  store: TableStore;
  known: Known;
  /** Class names that say which columns are shown. */
  columns: string;
  context: Pick<RowContext, "now" | "until" | "absolute" | "acts">;
  /** What is shown below the row of the current job; null for a table that only names it. */
  unfold: ((row: Row, context: RowContext) => ComponentChildren) | null;
  grid: RefObject<HTMLDivElement | null>;
  toSearch: () => void;
  /** Asks before the selected jobs are cancelled. */
  askAll: () => void;
}

export function Grid(props: GridProps) {
  const { store, known, columns, context, unfold, grid } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<GridView>(UNSEEN);
  const [focused, setFocused] = useState<string | null>(null);
  const [asking, setAsking] = useState<string | null>(null);
  const [folds, setFolds] = useState<Folds>({ closed: new Set(), whole: new Set() });
  const anchor = useRef<string | null>(null);
  const group = store.group.value;
  const lines = useMemo(
    () =>
      group
        ? groupedLines(known.listed, known.rows.values(), group, store.modes.value, folds)
        : plainLines(known.listed),
    [known, group, store.modes.value, folds],
  );
  const current = store.current.value;
  const { starts, measured } = useStarts(lines, view.narrow, unfold ? current : null);
  const laid = useRef({ lines, starts });
  laid.current = { lines, starts };
  const at = Math.max(0, lineIndex(lines, focused));
  const askedAt = context.acts ? lineIndex(lines, asking) : -1;
  const asked = lines[askedAt]?.kind === "job" && canCancel(lines[askedAt].row) ? asking : null;
  const axis = useAxis(known, context.until);
  const selected = store.selected.value;

  useResize(scroller, setView);
  useKeptFocus(scroller);
  const keepScroll = useKeptScroll(scroller, true);
  const sought = [store.filter.value, store.sort.value, group];
  useHeldPlace(scroller, { lines, starts }, focused, sought, folds);

  useLayoutEffect(() => {
    // a question that nobody can answer any more does not come back
    if (asking !== asked) setAsking(asked);
  });

  const ask = (id: string | null): void => {
    const asks = (line: Line): boolean => line.kind === "job" && line.row.id === id;
    // a job may be in several groups
    const line = [lines[at] as Line, ...lines].find(asks);
    setAsking(line?.key ?? null);
    // the answer's button leaves with the question: the row keeps the focus
    if (id === null) focusLine(scroller.current, focused);
  };
  const go = (index: number): void => {
    const line = lines[index];
    if (!line) return;
    setFocused(line.key);
    reveal(scroller.current, starts, index);
    requestAnimationFrame(() => {
      focusLine(scroller.current, line.key);
      // by now it is drawn, and those around it are as tall as they are
      const { lines: now, starts: places } = laid.current;
      const place = lineIndex(now, line.key);
      if (place >= 0) reveal(scroller.current, places, place);
    });
  };
  const openJob = (row: Row): void =>
    store.put("current", unfold && current === row.id ? null : row.id);
  const select = (row: Row, extend: boolean): void => {
    store.selected.value = extend
      ? extended(selected, rowIds(lines), anchor.current, row.id)
      : flipped(selected, [row.id]);
    anchor.current = row.id;
  };
  const fold = (key: string, isOpen: boolean): void => {
    const closed = new Set(folds.closed);
    if (isOpen) closed.delete(key);
    else closed.add(key);
    setFolds({ ...folds, closed });
  };
  const showWhole = (parent: string): void =>
    setFolds({ ...folds, whole: new Set([...folds.whole, parent]) });
  const openLine = (line: Line): void => {
    if (line.kind === "group") fold(line.key, !line.open);
    else if (line.kind === "more") showWhole(line.parent);
    else openJob(line.row);
  };
  const act = (what: Act): boolean => {
    const line = lines[at] as Line;
    const row = line.kind === "job" ? line.row : null;
    switch (what.act) {
      case "go": {
        go(what.to);
        const to = lines[what.to];
        if (what.extend && row) {
          anchor.current ??= row.id;
          if (!selected.has(row.id)) anchor.current = row.id;
          if (to?.kind === "job") {
            store.selected.value = extended(selected, rowIds(lines), anchor.current, to.row.id);
          }
        }
        return true;
      }
      case "head":
        grid.current?.querySelector<HTMLElement>(".qjw-th button")?.focus();
        return true;
      case "fold":
        fold(line.key, what.open);
        return true;
      case "open":
        openLine(line);
        return true;
      case "select":
      case "extend":
        if (row) select(row, what.act === "extend");
        else if (line.kind === "group") {
          store.selected.value = flipped(selected, membersOf(lines, line.key));
        }
        return true;
      case "copy":
      case "code":
        if (row) void copyText(what.act === "copy" ? row.id : asCode([row.id]));
        return row !== null;
      case "cancel":
        if (!context.acts) return false;
        if (selected.size > 0) props.askAll();
        else if (row && canCancel(row)) ask(row.id);
        else return false;
        return true;
      case "search":
        props.toSearch();
        return true;
      default:
        return back();
    }
  };
  /** Leave what one is in, one at a time: the question, the search, the selection. */
  const back = (): boolean => {
    const { text, ...rest } = store.filter.value;
    if (asked !== null) ask(null);
    else if (text) store.put("filter", rest);
    else if (selected.size > 0) store.selected.value = new Set();
    else return false;
    return true;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const inRows = event.target instanceof Element && event.target.closest(".qjw-scroll");
    // buttons within a row have keys of their own
    if (!inRows || (event.target !== inRows && lineAt(event.target) === null)) return;
    if ((event.target as Element).closest(CONTROLS) && event.key !== "Escape") return;
    keepKey(event, (key) => {
      const what = actOf(key, event.shiftKey, lines, at);
      return what !== null && act(what);
    });
  };
  const onClick = (event: MouseEvent): void => {
    if (!(event.target instanceof Element) || event.target.closest(CONTROLS)) return;
    const index = lineIndex(lines, lineAt(event.target));
    // text that was just marked is to be copied
    if (index >= 0 && getSelection()?.isCollapsed !== false) openLine(lines[index] as Line);
  };
  const rowContext = useRowContext(
    { ...context, axis, modes: store.modes.value, painted: view.painted },
    { ask, cancel: (id) => store.cancel([id]), open: openJob, select, measured },
  );
  const missing = group || Object.keys(store.filter.value).length > 0 ? 0 : missingOf(known);
  return (
    <div
      ref={grid}
      class={columns}
      style={{ "--qjw-now": `${NOW_AT}%` }}
      role="treegrid"
      aria-label="Jobs"
      aria-multiselectable
      aria-rowcount={lines.length + missing + 1}
      onClick={onClick}
      onKeyDown={onKeyDown}
    >
      <Head
        axis={axis}
        sort={store.sort.value ?? "status"}
        onSort={(sort) => store.put("sort", sort)}
        bar={view.bar}
        chosen={chosenOf(known, selected)}
        onAll={() => {
          store.selected.value =
            selected.size > 0 ? new Set() : new Set(known.listed.map((row) => row.id));
        }}
        toRows={() => go(at)}
      />
      <div
        ref={scroller}
        class="qjw-scroll"
        role="rowgroup"
        onScroll={(event) => {
          keepScroll();
          const top = event.currentTarget.scrollTop;
          setView((was) => ({ ...was, top }));
        }}
        onFocusIn={(event) => setFocused(lineAt(event.target) ?? focused)}
      >
        <Sheet
          lines={lines}
          starts={starts}
          view={view}
          spare={view.painted ? SPARE : 0}
          at={at}
          asked={asked === null ? -1 : askedAt}
          missing={missing}
          store={store}
          unfold={unfold}
          context={rowContext}
        />
      </div>
    </div>
  );
}

/** Return the time axis: the same one, so that rows need not be drawn anew, while it is alike. */
function useAxis(known: Known, now: number): Axis {
  const last = useRef<Axis | null>(null);
  return useMemo(() => {
    const axis = axisFor(known.listed, now);
    if (last.current?.now !== axis.now || last.current.past !== axis.past) last.current = axis;
    return last.current;
  }, [known, now]);
}

type RowFacts = Omit<RowContext, keyof RowActs>;

/** Return what rows are given: the same while nothing that they show has changed. */
function useRowContext(facts: RowFacts, acts: RowActs): RowContext {
  const latest = useRef(acts);
  latest.current = acts;
  return useMemo(
    () => ({
      ...facts,
      ask: (id) => latest.current.ask(id),
      cancel: (id) => latest.current.cancel(id),
      open: (row) => latest.current.open(row),
      select: (row, extend) => latest.current.select(row, extend),
      measured: (key, height) => latest.current.measured(key, height),
    }),
    Object.values(facts),
  );
}

const rowIds = (lines: readonly Line[]): string[] =>
  lines.flatMap((line) => (line.kind === "job" ? [line.row.id] : []));

const membersOf = (lines: readonly Line[], group: string): string[] =>
  lines.flatMap((line) => (line.kind === "job" && line.parent === group ? [line.row.id] : []));

const missingOf = (known: Known): number => known.total - known.rows.size;

function lineIndex(lines: readonly Line[], key: string | null): number {
  return key === null ? -1 : lines.findIndex((line) => line.key === key);
}

function chosenOf(known: Known, selected: ReadonlySet<string>): "none" | "some" | "all" {
  if (selected.size === 0) return "none";
  return known.listed.every((row) => selected.has(row.id)) ? "all" : "some";
}

/** Return where each line begins; those that say more than their cells are as tall as measured. */
function useStarts(lines: readonly Line[], narrow: boolean, unfolded: string | null) {
  const line = narrow ? NARROW_LINE : LINE;
  const [tall, setTall] = useState<ReadonlyMap<string, number>>(new Map());
  const starts = useMemo(() => {
    return offsets(lines.length, (i) => {
      const one = lines[i] as Line;
      if (one.kind !== "job") return line;
      if (!hasWhy(one.row) && one.row.id !== unfolded) return line;
      return tall.get(one.key) ?? line + WHY;
    });
  }, [lines, tall, line, unfolded]);
  const measured = (key: string, height: number): void => {
    // one that is not in the page, or is hidden with it, has none
    if (height > 0 && tall.get(key) !== height) setTall((known) => new Map(known).set(key, height));
  };
  return { starts, measured };
}
