/**
 * What the views that follow are sent as their script: it takes the bundle that the page has, or is
 * about to have. Where none comes (the page is younger than the view that was sent it), the kernel
 * is asked to send it, and the host then replaces this script.
 */
import { mendHearing } from "../lib/hearing.ts";
import type { Model } from "../lib/model.ts";
import { place } from "./place.ts";

/** Milliseconds in which the script that holds the bundle has begun, where the page was sent it. */
const SOON = 500;

const asking = {
  initialize({ model }: { model: Model }): void {
    try {
      model.send({ kind: "script" });
    } catch {
      return; // no kernel: the static twin is shown
    }
    void mendHearing(model);
  },
  render(): void {
    // the script that replaces this one does
  },
};

const none = new Promise<undefined>((end) => {
  setTimeout(() => place.begun || end(undefined), SOON);
});
const bundle = await Promise.race([place.bundle, none]);
export default bundle?.default ?? asking;
