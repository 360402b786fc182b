/**
 * Mends models that have gone deaf.
 *
 * anywidget (0.11) gives a model two seconds to load its script, which a busy machine may exceed. It
 * draws the view all the same, but drops each later message of the kernel to the model. So a
 * model that turns out to be deaf is given its comm's messages without anywidget between them, and
 * the kernel is asked for what was missed.
 */
import type { Model } from "./model.ts";

/** A message from the kernel as the widget manager passes it on. */
interface CommMessage {
  content: { data: { method: string } };
}

type Handler = (message: CommMessage) => Promise<unknown>;

/** The host's own model, which the one given to a script stands for. */
interface HostModel {
  _handle_comm_msg?: Handler;
  comm?: {
    on_msg(handle: Handler): void;
    send(data: { method: string }): unknown;
  };
}

/** Finds a model by its id, which for ours is the id of the view. */
export interface WidgetManager {
  get_model?(id: string): Promise<unknown>;
}

const HANDLER = "_handle_comm_msg";
/** No method that managers know: they let it be. */
const NOTHING: CommMessage = { content: { data: { method: "qjobwidgets" } } };

/** What handles messages where anywidget does not: the method that its own stands before. */
function beneath(model: HostModel): Handler | undefined {
  let owner = model;
  while (owner && !Object.hasOwn(owner, HANDLER)) owner = Object.getPrototypeOf(owner);
  return owner && Object.getPrototypeOf(owner)?.[HANDLER];
}

/** Have the model hear its kernel, also where loading its script took the host too long. */
export async function mendHearing(model: Model): Promise<void> {
  const host = await hostModel(model);
  try {
    await host?.[HANDLER]?.(NOTHING); // waits until the script is initialized
  } catch {
    const handle = host && beneath(host)?.bind(host);
    if (!handle) return;
    host[HANDLER] = handle;
    host.comm?.on_msg(handle);
    host.comm?.send({ method: "request_state" });
  }
}

async function hostModel(model: Model): Promise<HostModel | undefined> {
  try {
    return (await model.widget_manager?.get_model?.(String(model.get("view_id")))) as HostModel;
  } catch {
    return undefined; // a manager that finds its models by other names
  }
}
