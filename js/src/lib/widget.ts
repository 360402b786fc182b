/**
 * The frame every widget stands in.
 *
 * - A bundle's default export is a function that the host calls once per model, so what `define`
 *   closes over is the state of one model, however many views it has.
 * - `initialize` must be over within two seconds and only attaches listeners; both it and `render`
 *   build the state from the traits, because older hosts render without initializing.
 * - A view's root wears the host's theme, hides the static twin, and reports whether it is seen.
 */
import type { Model } from "./model.ts";
import { followTheme } from "./theme.ts";
import { twinHider } from "./twin.ts";
import { visibilityReporter } from "./visibility.ts";

/** One mounted view. `onLeave` takes what must be undone when it goes. */
export interface View {
  root: HTMLElement;
  /** Whether the comm to the kernel is alive, as the host says. */
  connected(): boolean;
  /** Call `react` when the host's theme or the connection changes; returns what ends that. */
  onHost(react: () => void): () => void;
  onLeave(undo: () => void): void;
}

interface RenderProps {
  model: Model;
  el: HTMLElement;
  signal?: AbortSignal;
}

export interface Widget {
  initialize(props: { model: Model }): () => void;
  render(props: RenderProps): () => void;
}

/** The state of one model, kept from its traits; `close` lets go of the model. */
export interface State {
  close(): void;
}

/**
 * Return the default export of a bundle.
 *
 * @param create builds the state of one model from its traits and keeps it up to date.
 * @param mount draws that state into a view.
 */
export function define<S extends State>(
  create: (model: Model) => S,
  mount: (state: S, model: Model, view: View) => void,
): () => Widget {
  return () => {
    let shared: ReturnType<typeof open> | null = null;
    const open = (model: Model) => ({
      state: create(model),
      hideTwin: twinHider(model.get("view_id")),
      reportSeen: visibilityReporter(model),
    });
    const sharedOf = (model: Model) => {
      shared ??= open(model);
      return shared;
    };
    return {
      initialize({ model }) {
        const { state } = sharedOf(model);
        return () => state.close();
      },
      render({ model, el, signal }) {
        const { state, hideTwin, reportSeen } = sharedOf(model);
        const { view, leave, follow } = openView(model, el);
        view.onLeave(hideTwin());
        mount(state, model, view);
        follow();
        view.onLeave(reportSeen(view.root));
        signal?.addEventListener("abort", leave, { once: true });
        return leave;
      },
    };
  };
}

/** The class the widget manager gives a view's element when its comm was dead from the start. */
const DISCONNECTED = "jupyter-widgets-disconnected";

/** What anywidget calls a view's callbacks on: the view, whose model knows of its comm. */
interface HostView {
  model?: { comm_live?: boolean };
}

/**
 * Follow whether the kernel's end of the comm is alive; returns what tells, and the stop.
 *
 * The manager's event carries no value and anywidget's model hides it, but its callbacks are called
 * on the view. A host without any of this leaves us connected, and freshness tells by its age.
 */
function followComm(model: Model, el: HTMLElement, changed: () => void) {
  let connected = !el.classList.contains(DISCONNECTED);
  function update(this: unknown): void {
    connected = (this as HostView | undefined)?.model?.comm_live ?? connected;
    changed();
  }
  model.on("comm_live_update", update);
  return {
    connected: () => connected,
    stop: () => model.off("comm_live_update", update),
  };
}

function openView(model: Model, el: HTMLElement) {
  const root = document.createElement("div");
  root.className = "qjw";
  el.append(root);
  const reactions = new Set<() => void>();
  const changed = (): void => {
    for (const react of reactions) react();
  };
  const comm = followComm(model, el, changed);
  const undo: (() => void)[] = [() => root.remove(), comm.stop];
  const view: View = {
    root,
    connected: comm.connected,
    onHost: (react) => {
      reactions.add(react);
      return () => void reactions.delete(react);
    },
    onLeave: (step) => undo.push(step),
  };
  const follow = (): void => {
    undo.push(followTheme(root, changed));
  };
  const leave = (): void => {
    for (const step of undo.splice(0).reverse()) step();
  };
  return { view, leave, follow };
}
