/**
 * The frame every widget stands in.
 *
 * - A bundle's default export is a function that the host calls once per model, so what `define`
 *   closes over is the state of one model, however many views it has.
 * - `initialize` must be over within two seconds and only attaches listeners; both it and `render`
 *   build the state from the traits, because older hosts render without initializing.
 * - A view's root wears the host's theme, hides the static twin, and reports whether it is seen.
 */
import { mendHearing } from "./hearing.ts";
import { followKernel } from "./kernel.ts";
import { ownKeys } from "./keys.ts";
import type { Model } from "./model.ts";
import { followNotices } from "./notify.ts";
import { followTheme } from "./theme.ts";
import { twinHider } from "./twin.ts";
import { visibilityReporter } from "./visibility.ts";

/** One mounted view. `onLeave` takes what must be undone when it goes. */
export interface View {
  root: HTMLElement;
  /** Whether the kernel is there, as the host says. */
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

/** The state of one model, kept from its traits. */
export interface State {
  /** Let go of the model. */
  close(): void;
  /** Forget what was asked: the kernel that would have answered has gone. */
  forget?(): void;
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
      endNotices: followNotices(model),
      hideTwin: twinHider(model.get("view_id")),
      reportSeen: visibilityReporter(model),
    });
    const sharedOf = (model: Model) => {
      shared ??= open(model);
      return shared;
    };
    return {
      initialize({ model }) {
        const { state, endNotices } = sharedOf(model);
        void mendHearing(model);
        return () => {
          endNotices();
          state.close();
        };
      },
      render({ model, el, signal }) {
        const { state, hideTwin, reportSeen } = sharedOf(model);
        const { view, leave, follow } = openView(model, el);
        view.onLeave(hideTwin());
        view.onHost(() => {
          if (!view.connected()) state.forget?.();
        });
        mount(state, model, view);
        follow();
        view.onLeave(reportSeen(view));
        signal?.addEventListener("abort", leave, { once: true });
        return leave;
      },
    };
  };
}

function openView(model: Model, el: HTMLElement) {
  const root = document.createElement("div");
  root.className = "qjw";
  ownKeys(root);
  el.classList.add("qjw-place");
  el.append(root);
  const reactions = new Set<() => void>();
  const changed = (): void => {
    for (const react of reactions) react();
  };
  const kernel = followKernel(model, el, changed);
  const undo: (() => void)[] = [() => root.remove(), kernel.stop];
  const view: View = {
    root,
    connected: kernel.connected,
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
