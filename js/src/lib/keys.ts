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
 * the mark is off until its listener, which is on the document and so after ours, has seen the key.
 */
export function passChords(root: HTMLElement): void {
  root.addEventListener("keydown", (event) => {
    const marked = event.target instanceof Element ? event.target.closest(`[${MARK}]`) : null;
    if (marked === null || !isChord(event)) return;
    marked.removeAttribute(MARK);
    setTimeout(() => marked.setAttribute(MARK, ""));
  });
}
