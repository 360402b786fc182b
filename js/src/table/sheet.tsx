/** The room of all lines, with those in it that are drawn. */
import { type ComponentChildren, Fragment } from "preact";
import { useLayoutEffect } from "preact/hooks";
import type { Row } from "../lib/model.ts";
import { usePlaces } from "../lib/places.ts";
import { type GridView, movedPlainly } from "./focus.ts";
import type { Line } from "./groups.ts";
import { GroupHead, MoreRow } from "./lines.tsx";
import type { Group } from "./query.ts";
import { type RowContext, TableRow } from "./row.tsx";
import type { TableStore } from "./store.ts";
import { windowOf } from "./window.ts";

interface SheetProps {
  lines: readonly Line[];
  /** Where each line begins, and where the last one ends. */
  starts: Float64Array;
  view: GridView;
  /** Lines to draw before and after those in sight. */
  spare: number;
  /** Index of the line that is the tab stop. */
  at: number;
  /** Index of the line that asks; -1 for none. */
  asked: number;
  /** Rows at the end that the kernel has yet to send. */
  missing: number;
  store: TableStore;
  unfold: ((row: Row, context: RowContext) => ComponentChildren) | null;
  context: RowContext;
}

export function Sheet(props: SheetProps) {
  const { lines, starts, view, spare, at, asked, missing, store } = props;
  const end = starts[lines.length] as number;
  const line = view.narrow ? 32 : 30;
  const shown = indices(windowOf(starts, view.top, view.height, spare), [at, asked]);
  const near = missing > 0 && view.top + 2 * view.height > end;
  useLayoutEffect(() => {
    if (near) store.wantRest();
  });
  const places = usePlaces(shown.map((i) => (lines[i] as Line).key));
  const ghosts = ghostRows(end, line, missing, view);
  return (
    <div
      ref={movedPlainly}
      class="qjw-sheet"
      role="none"
      style={{ height: `${end + missing * line}px` }}
    >
      {shown.map((i) => {
        const one = lines[i] as Line;
        return (
          <Fragment key={places.get(one.key)}>
            <SheetLine {...props} line={one} index={i} top={starts[i] as number} />
          </Fragment>
        );
      })}
      {ghosts.map((top) => (
        <div
          key={`ghost ${top}`}
          class="qjw-item"
          role="none"
          aria-hidden="true"
          style={{ top: `${top}px` }}
        >
          <div class="qjw-tr qjw-row">
            <span />
            <span class="qjw-ghost" />
          </div>
        </div>
      ))}
    </div>
  );
}

interface SheetLineProps extends SheetProps {
  line: Line;
  index: number;
  top: number;
}

function SheetLine({ line, index, top, at, asked, store, unfold, context }: SheetLineProps) {
  const place = { index: index + 2, top, current: index === at };
  const group = store.group.value as Group;
  if (line.kind === "group") {
    return <GroupHead {...place} line={line} group={group} modes={context.modes} />;
  }
  if (line.kind === "more") {
    return <MoreRow {...place} line={line} group={group} />;
  }
  const { row } = line;
  const current = store.current.value === row.id;
  return (
    <TableRow
      row={row}
      line={line.key}
      level={line.parent === null ? undefined : 2}
      context={context}
      index={place.index}
      top={top}
      focused={place.current}
      current={current}
      selected={store.selected.value.has(row.id)}
      asking={index === asked}
    >
      {current && unfold ? unfold(row, context) : null}
    </TableRow>
  );
}

/** Return where rows stand that have yet to come and would be in sight. */
function ghostRows(end: number, line: number, missing: number, view: GridView): number[] {
  const first = Math.max(0, Math.floor((view.top - end) / line));
  const last = Math.min(missing, Math.ceil((view.top + view.height - end) / line));
  return Array.from({ length: Math.max(0, last - first) }, (_, i) => end + (first + i) * line);
}

/**
 * Return the indices to draw: the window, and some lines wherever they are: the current one keeps the
 * focus, and one that asks would take it when drawn again.
 */
function indices([first, end]: [number, number], kept: readonly number[]): number[] {
  const shown = Array.from({ length: end - first }, (_, i) => first + i);
  const far = kept.filter((i) => i >= 0 && (i < first || i >= end));
  return end > first ? [...new Set([...shown, ...far])].sort((a, b) => a - b) : shown;
}
