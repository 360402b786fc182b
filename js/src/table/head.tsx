/** The column heads: buttons that sort, and the box that selects all. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { type Axis, NOW_AT } from "./clock.ts";
import { type SortName, sortOf } from "./order.ts";

interface HeadProps {
  axis: Axis;
  sort: string;
  onSort: (sort: string) => void;
  /** Width of the scroll bar, which the head leaves free. */
  bar: number;
  /** How many of the rows are selected. */
  chosen: "none" | "some" | "all";
  onAll: () => void;
  /** Moves from the head to the rows. */
  toRows: () => void;
}

export function Head({ axis, sort, onSort, bar, chosen, onAll, toRows }: HeadProps) {
  const head = { sort, onSort };
  const onKey = (event: KeyboardEvent & { currentTarget: HTMLElement }): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === "ArrowDown") toRows();
    else if (step) moveFocus(event.currentTarget, step);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="qjw-th" role="rowgroup" style={{ paddingRight: `${bar}px` }} onKeyDown={onKey}>
      <div class="qjw-tr" role="row" aria-rowindex={1}>
        <span role="columnheader" aria-label="Selected">
          <AllBox chosen={chosen} onAll={onAll} />
        </span>
        <SortHead name="status" word="Status" {...head} />
        <SortHead name="id" word="Job" {...head} />
        <SortHead name="program" word="Program" class="qjw-c-program" {...head} />
        <SortHead name="backend" word="Backend" class="qjw-c-backend" {...head} />
        <SortHead name="created" word="Created" class="qjw-c-created" {...head} />
        <span class="qjw-c-timeline qjw-g qjw-g-th" role="columnheader" aria-label="Wait and run">
          {axis.ticks.map((tick) => (
            <span key={tick.text} style={{ left: `${tick.at}%` }}>
              {tick.text}
            </span>
          ))}
          <span class="qjw-g-nowl" style={{ left: `${NOW_AT}%` }}>
            now
          </span>
        </span>
        <SortHead name="ran" word="Ran" class="qjw-c-ran qjw-num" {...head} />
        <SortHead name="usage" word="Usage" class="qjw-c-usage qjw-num" {...head} />
        <span class="qjw-c-tags" role="columnheader">
          Tags
        </span>
        <span role="columnheader" aria-label="Actions" />
      </div>
    </div>
  );
}

function AllBox({ chosen, onAll }: { chosen: HeadProps["chosen"]; onAll: () => void }) {
  const box = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (box.current) box.current.indeterminate = chosen === "some";
  });
  return (
    <input
      ref={box}
      type="checkbox"
      class="qjw-cb"
      aria-label="Select all jobs"
      checked={chosen === "all"}
      tabIndex={-1}
      onChange={onAll}
    />
  );
}

interface SortHeadProps {
  name: SortName;
  word: string;
  class?: string;
  sort: string;
  onSort: (sort: string) => void;
}

/** The default order is also where one comes back to after both directions of another. */
function nextSort(name: SortName, sorted: boolean, backwards: boolean): string {
  if (!sorted) return name;
  return backwards ? "status" : `-${name}`;
}

function SortHead({ name, word, class: column, sort, onSort }: SortHeadProps) {
  const [by, backwards] = sortOf(sort);
  const sorted = by === name;
  const direction = backwards ? "descending" : name === "status" ? "other" : "ascending";
  return (
    <span
      class={sorted ? `${column ?? ""} qjw-is-sorted` : column}
      role="columnheader"
      aria-sort={sorted ? direction : "none"}
    >
      <button type="button" tabIndex={-1} onClick={() => onSort(nextSort(name, sorted, backwards))}>
        {word}
        {sorted && (
          <span aria-hidden="true">{backwards === (name === "status") ? " ↑" : " ↓"}</span>
        )}
      </button>
    </span>
  );
}

/** Move the focus between the controls of the head. */
function moveFocus(head: HTMLElement, step: number): void {
  const controls = [...head.querySelectorAll<HTMLElement>("input, button")].filter(
    (control) => control.offsetParent !== null,
  );
  const root = head.getRootNode() as Document | ShadowRoot;
  const at = controls.indexOf(root.activeElement as HTMLElement);
  controls[Math.min(controls.length - 1, Math.max(0, at + step))]?.focus();
}
