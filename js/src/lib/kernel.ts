/**
 * Whether the kernel behind a view is still there, as far as the host says.
 *
 * - When the kernel restarts, widget managers mark each comm as dead and fire an event. It carries
 *   no value and anywidget's model hides it, but its callbacks are called on the view.
 * - When the kernel is shut down or dies, they do nothing of the kind (JupyterLab's, as of 2026):
 *   there the manager's connection to the kernel tells, and sending to it would throw.
 * - A host without any of this leaves us connected, and freshness tells by its age.
 */
import type { Model } from "./model.ts";

/** The class the widget manager gives a view's element when its comm was dead from the start. */
const DISCONNECTED = "jupyter-widgets-disconnected";

/** What anywidget calls a view's callbacks on: the view, whose model knows of its comm. */
interface HostView {
  model?: { comm_live?: boolean };
}

/** A Lumino signal. */
interface Signal<T> {
  connect(slot: (sender: unknown, args: T) => void): unknown;
  disconnect(slot: (sender: unknown, args: T) => void): unknown;
}

/** JupyterLab's connection to a kernel. */
export interface KernelConnection {
  isDisposed: boolean;
  disposed: Signal<void>;
  statusChanged: Signal<string>;
}

/** Words of a kernel's status after which its comms are no more. */
const ENDED = new Set(["dead", "restarting", "autorestarting"]);

/** Follow whether the kernel's end of the comm is alive; returns what tells, and the stop. */
export function followKernel(model: Model, el: HTMLElement, changed: () => void) {
  const kernel = model.widget_manager?.kernel;
  let connected = !el.classList.contains(DISCONNECTED) && kernel?.isDisposed !== true;
  function update(this: unknown): void {
    connected = (this as HostView | undefined)?.model?.comm_live ?? connected;
    changed();
  }
  const onEnd = (): void => {
    connected = false;
    changed();
  };
  const onStatus = (_: unknown, status: string): void => {
    if (ENDED.has(status)) onEnd();
  };
  model.on("comm_live_update", update);
  kernel?.disposed?.connect(onEnd);
  kernel?.statusChanged?.connect(onStatus);
  return {
    connected: () => connected,
    stop: () => {
      model.off("comm_live_update", update);
      kernel?.disposed?.disconnect(onEnd);
      kernel?.statusChanged?.disconnect(onStatus);
    },
  };
}
