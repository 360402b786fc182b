/**
 * JobsDashboard: the table of jobs, and the current one as a card: below, or beside where there is
 * room. The parts are the other views' own components, on parts of this one model.
 */
import { useEffect, useMemo } from "preact/hooks";
import { Card, type MoreTab } from "./card/card.tsx";
import { cardTraits } from "./card/model.ts";
import { openStore as openCounts } from "./counts/store.ts";
import { Counts, countsTraits } from "./counts.tsx";
import { partOf } from "./dashboard/part.ts";
import { type Account, Strip } from "./dashboard/strip.tsx";
import { type Cell, traitCell, useCells } from "./lib/cell.ts";
import { draw, type Present, presentOf } from "./lib/live.ts";
import type { Model, Row } from "./lib/model.ts";
import { define, type View } from "./lib/widget.ts";
import { openStore as openPlot } from "./plot/store.ts";
import { Plot } from "./plot/view.tsx";
import { openStore, type TableStore } from "./table/store.ts";
import { Table, type TableTraits, tableTraits } from "./table/view.tsx";

interface DashboardProps {
  model: Model;
  store: TableStore;
  present: Present;
  traits: TableTraits;
  account: Cell<Account>;
  view: View;
}

function Dashboard({ model, store, present, traits, account, view }: DashboardProps) {
  const parts = useMemo(() => {
    const card = partOf(model, "card");
    return { card, cells: cardTraits(card), plot: partOf(model, "plot") };
  }, [model]);
  useCells(account, present.fresh, parts.cells.job, store.current, store.known);
  const job = parts.cells.job.value;
  const more: MoreTab[] = [
    {
      tab: "convergence",
      label: "Convergence",
      live: job?.status === "RUNNING",
      draw: () => <Convergence key={job?.id} {...{ model, present, view }} />,
    },
    {
      tab: "counts",
      label: "Counts",
      draw: () => <CountsTab key={job?.id} {...{ model, present, view }} />,
    },
  ];
  return (
    <>
      <Table
        {...{ model, store, present, traits }}
        unfold={null}
        strip={<Strip account={account} asks={present.fresh.value.state !== "gone"} />}
      />
      {job?.id ? (
        <div class="qjw-d-job">
          <Card model={parts.card} traits={parts.cells} present={present} more={more} inside />
        </div>
      ) : (
        (store.known.value?.total ?? 0) > 0 && (
          <p class="qjw-d-none qjw-2">
            {store.current.value
              ? "Loading the job…"
              : "Open a job to see its card here: click it, or press Enter."}
          </p>
        )
      )}
    </>
  );
}

interface TabProps {
  model: Model;
  present: Present;
  view: View;
}

function Convergence({ model, present, view }: TabProps) {
  const part = useMemo(() => partOf(model, "plot"), [model]);
  const store = useMemo(() => openPlot(part), [part]);
  const cells = useMemo(
    () => ({ facts: traitCell(part, "facts"), scale: traitCell(part, "scale") }),
    [part],
  );
  useEffect(() => () => store.close(), [store]);
  useCells(cells.facts);
  if (!cells.facts.value) return <p class="qjw-k-none qjw-2">Loading the interim results…</p>;
  return (
    <Plot model={part} store={store} present={present} {...cells} onHost={view.onHost} within />
  );
}

function CountsTab({ model, present, view }: TabProps) {
  const part = useMemo(() => partOf(model, "counts"), [model]);
  const store = useMemo(() => openCounts(part), [part]);
  const job = useMemo(() => traitCell<Row | null>(part, "job"), [part]);
  const traits = useMemo(() => countsTraits(part), [part]);
  useEffect(() => () => store.close(), [store]);
  useCells(job);
  if (!job.value) return <p class="qjw-k-none qjw-2">Loading the counts…</p>;
  const connected = (): boolean => view.connected();
  return <Counts {...{ model: part, store, traits, present, connected }} />;
}

function mount(store: TableStore, model: Model, view: View): void {
  draw(
    view,
    <Dashboard
      model={model}
      store={store}
      present={presentOf(model, view)}
      traits={tableTraits(model)}
      account={traitCell(model, "account")}
      view={view}
    />,
  );
}

export default define(openStore, mount);
