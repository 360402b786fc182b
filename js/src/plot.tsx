/** InterimPlot: numbers of jobs, growing while the jobs run; see `plot/view.tsx`. */
import { traitCell } from "./lib/cell.ts";
import { draw, presentOf } from "./lib/live.ts";
import type { Model } from "./lib/model.ts";
import { define, type View } from "./lib/widget.ts";
import { countOf, openStore, type PlotStore } from "./plot/store.ts";
import { Plot } from "./plot/view.tsx";

function mount(store: PlotStore, model: Model, view: View): void {
  const tell = (): void => {
    view.root.dataset.points = String(countOf(store.points.value));
  };
  view.onLeave(store.points.onChange(tell));
  tell();
  draw(
    view,
    <Plot
      model={model}
      store={store}
      present={presentOf(model, view)}
      facts={traitCell(model, "facts")}
      scale={traitCell(model, "scale")}
      onHost={view.onHost}
    />,
  );
}

export default define(openStore, mount);
