/**
 * JobsTable: many jobs, live. The rows come once and then as changes (see `table/book.ts`); the
 * job that is opened unfolds below its row.
 */
import { draw, presentOf } from "./lib/live.ts";
import type { Model } from "./lib/model.ts";
import { define, type View } from "./lib/widget.ts";
import { Detail } from "./table/detail.tsx";
import { openStore, type TableStore } from "./table/store.ts";
import { Table, tableTraits } from "./table/view.tsx";

function mount(store: TableStore, model: Model, view: View): void {
  draw(
    view,
    <Table
      model={model}
      store={store}
      present={presentOf(model, view)}
      traits={tableTraits(model)}
      unfold={(row, context) => <Detail row={row} context={context} />}
    />,
  );
}

export default define(openStore, mount);
