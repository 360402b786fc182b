/**
 * The browser's notifications, for jobs whose hooks want them.
 *
 * - The kernel's trait `notifying` says that they are wanted. Browsers let a page notify only when
 *   its user has allowed it, and ask that user only after a click: so views offer a button.
 * - A notice is a message, not a trait: it comes once, and not again after a reload.
 * - Several pages of one browser may hear of it. It has a tag, by which they show it once.
 * - What could not be shown is told to the kernel, which says so in the job's views.
 */
import type { Model } from "./model.ts";
import { lookOf } from "./status.ts";
import { shortId } from "./words.ts";

/** Whether notifications may be shown; "unsupported" where the host has none. */
export type Leave = NotificationPermission | "unsupported";

/** What the kernel says of a job. */
interface Notice {
  kind: "notify";
  job: string;
  status: string;
  place: string;
  reason: string | null;
}

export function leave(): Leave {
  return "Notification" in window ? Notification.permission : "unsupported";
}

/** Have the browser ask its user; only ever called by a click. */
export async function askLeave(): Promise<void> {
  if (leave() === "default") await Notification.requestPermission();
}

export interface Offer {
  text: string;
  /** What the button says; null where none helps. */
  act: string | null;
}

/** Return what a view says about notifications, if anything needs to be said. */
export function offerOf(model: Model): Offer | null {
  if (model.get("notifying") !== true) return null;
  switch (leave()) {
    case "default":
      return { text: "A job here wants to notify you.", act: "Allow notifications" };
    case "denied":
      return {
        text: "This browser blocks notifications of this page. Its site settings allow them.",
        act: null,
      };
    case "unsupported":
      return { text: "This page can't show notifications: open it in a browser.", act: null };
    default:
      return null;
  }
}

/** Show what the kernel has to tell of this model's jobs; returns what ends that. */
export function followNotices(model: Model): () => void {
  const take = (content?: unknown): void => {
    if (!isNotice(content)) return;
    const trouble = show(content);
    if (trouble !== null) model.send({ kind: "unnotified", job: content.job, why: trouble });
  };
  model.on("msg:custom", take);
  return () => model.off("msg:custom", take);
}

function isNotice(content: unknown): content is Notice {
  const { kind, job, status } = (content ?? {}) as Partial<Notice>;
  return kind === "notify" && typeof job === "string" && typeof status === "string";
}

/** Show a notice; returns why it could not be shown, if it could not. */
function show({ job, status, place, reason }: Notice): Leave | null {
  const may = leave();
  if (may !== "granted") return may;
  try {
    const shown = new Notification(`${lookOf(status, false).word}: job ${shortId(job)}`, {
      body: [place, reason].filter(Boolean).join("\n"),
      tag: `qjobwidgets-${job}-${status}`,
    });
    shown.onclick = () => window.focus();
    return null;
  } catch {
    // mobile browsers have the class, but let only service workers use it
    return "unsupported";
  }
}
