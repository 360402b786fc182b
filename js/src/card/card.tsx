/** The card of one job, alone or inside a dashboard, which adds tabs of its own. */
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { useCells } from "../lib/cell.ts";
import { knownUntil } from "../lib/freshness.ts";
import type { Present } from "../lib/live.ts";
import type { Model, Row } from "../lib/model.ts";
import { Trouble } from "../lib/parts.tsx";
import { isFinal } from "../lib/status.ts";
import { ComparePane } from "./compare.tsx";
import { Head } from "./head.tsx";
import { LogsPane } from "./logs.tsx";
import type { CardTraits, Tab } from "./model.ts";
import type { PaneProps } from "./pane.tsx";
import { InputsPane, ResultPane, SessionPane } from "./panes.tsx";
import { Acts, Facts, Own, Why } from "./side.tsx";
import { type TabInfo, Tabs } from "./tabs.tsx";
import { Timeline } from "./timeline.tsx";

/** A tab that whoever shows the card adds to it. */
export interface MoreTab extends TabInfo {
  draw: () => ComponentChildren;
}

interface CardProps {
  model: Model;
  traits: CardTraits;
  present: Present;
  more?: readonly MoreTab[];
  /** Whether it stands inside a view that shows troubles itself. */
  inside?: boolean;
}

let cards = 0;

export function Card({ model, traits, present, more = [], inside = false }: CardProps) {
  const id = useMemo(() => `qjw-card-${++cards}`, []);
  useCells(...Object.values(traits), present.fresh, present.now);
  const row = traits.job.value;
  const fresh = present.fresh.value;
  if (!row?.id) return <p class="qjw-k-none qjw-2">Loading the job…</p>;
  const now = present.now.value;
  const until = knownUntil(fresh, now);
  const acts = fresh.state !== "gone";
  const editing = { model, job: row.id, acts, edits: traits.edits.value };
  const tabs = tabsOf(row, traits, more);
  const open = tabs.some(({ tab }) => tab === traits.tab.value) ? traits.tab.value : "result";
  const onOpen = (tab: Tab): void => {
    model.set("tab", tab);
    model.save_changes();
  };
  return (
    <div class="qjw-k">
      <div class="qjw-k-side">
        {/* what is typed or asked is of one job: of another one, these begin anew */}
        <Head key={`head ${row.id}`} {...{ row, traits, editing, fresh, now, inside }} />
        {!inside && <Trouble fresh={fresh} model={model} />}
        <Timeline row={row} until={until} />
        <Why row={row} />
        <Facts traits={traits} />
        <Own key={`own ${row.id}`} row={row} traits={traits} editing={editing} />
        <Acts key={`acts ${row.id}`} row={row} editing={editing} />
      </div>
      <div class="qjw-k-main">
        <Tabs id={id} tabs={tabs} open={open} onOpen={onOpen} />
        <div class="qjw-k-pane" role="tabpanel" aria-labelledby={`${id}-${open}`}>
          <Pane open={open} more={more} pane={{ row, traits, model, acts }} />
        </div>
      </div>
    </div>
  );
}

const FIRST: TabInfo[] = [
  { tab: "result", label: "Result" },
  { tab: "inputs", label: "Inputs" },
  { tab: "logs", label: "Logs" },
];

function tabsOf(row: Row, traits: CardTraits, more: readonly MoreTab[]): TabInfo[] {
  const [result, ...others] = FIRST as [TabInfo, ...TabInfo[]];
  const tabs = [result, ...more, ...others];
  const batch = traits.facts.value.some(([label]) => label === "Batch");
  if (row.session) tabs.push({ tab: "session", label: batch ? "Batch" : "Session" });
  if (traits.other.value) tabs.push({ tab: "compare", label: "Compare" });
  return isFinal(row.status) ? tabs.map(({ tab, label }) => ({ tab, label })) : tabs;
}

interface OpenPane {
  open: Tab;
  more: readonly MoreTab[];
  pane: PaneProps;
}

function Pane({ open, more, pane }: OpenPane) {
  switch (open) {
    case "inputs":
      return <InputsPane {...pane} />;
    case "logs":
      return <LogsPane key={pane.row.id} {...pane} />;
    case "session":
      return <SessionPane {...pane} />;
    case "compare":
      return <ComparePane {...pane} />;
    case "result":
      return <ResultPane {...pane} />;
    default:
      return <>{more.find(({ tab }) => tab === open)?.draw()}</>;
  }
}
