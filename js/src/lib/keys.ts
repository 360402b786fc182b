/** Which keys pressed in a view are the view's, and which the notebook hears. */

/** Marks the parts in which JupyterLab heeds no key: a letter there would act on the cell. */
const MARK = "data-lm-suppress-shortcuts";

/** Keys with one of these are the notebook's or the browser's, never ours. */
function isChord(event: KeyboardEvent): boolean {
  return event.ctrlKey || event.metaKey || event.altKey;
}

/** Keep a key from the notebook if `handle` says it is ours. */
export function keepKey(event: KeyboardEvent, handle: (key: string) => boolean): void {
  if (isChord(event) || !handle(event.key)) return;
  event.preventDefault();
  event.stopPropagation();
}

/**
 * Let the notebook hear keys with a modifier, such as that for saving, also from marked parts:
 * the mark is off from the press of such a key to its release. The notebook's listener is on the
 * document, and so after ours.
 */
export function passChords(root: HTMLElement): void {
  let lifted: Element | null = null;
  const restore = (): void => {
    lifted?.setAttribute(MARK, "");
    lifted = null;
  };
  root.addEventListener("keydown", (event) => {
    restore();
    if (!isChord(event) || !(event.target instanceof Element)) return;
    lifted = event.target.closest(`[${MARK}]`);
    lifted?.removeAttribute(MARK);
  });
  root.addEventListener("keyup", restore);
}
