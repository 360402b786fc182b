/** Which keys pressed in a view are the view's, and which the notebook hears. */

/** Marks where JupyterLab heeds no key. */
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
 * Have the keys pressed in a view be the view's: a letter on one of its buttons or rows would cut the
 * cell, or turn it into text. JupyterLab looks for the mark from what has the focus upwards, but not
 * beyond what its shortcut is for, which for most is what has the focus itself: that bears it.
 *
 * Keys with a modifier, such as that for saving, are the notebook's, whose listener is on the
 * document and so after ours: the mark is off from their press to their release. Escape, where
 * nothing within heeds it, gives the focus back to the notebook.
 */
export function ownKeys(root: HTMLElement): void {
  let bearer: Element | null = null;
  const moveTo = (next: Element | null): void => {
    bearer?.removeAttribute(MARK);
    bearer = next;
    bearer?.setAttribute(MARK, "");
  };
  root.addEventListener("focusin", ({ target }) => moveTo(target as Element));
  root.addEventListener("focusout", () => moveTo(null));
  root.addEventListener("keydown", (event) => {
    bearer?.toggleAttribute(MARK, !isChord(event));
    if (!event.defaultPrevented) keepKey(event, (key) => key === "Escape" && leave(root));
  });
  root.addEventListener("keyup", () => bearer?.setAttribute(MARK, ""));
}

/** Give the focus to what the host has around the view, as a cell, whose keys are heard again. */
function leave(root: HTMLElement): true {
  const { activeElement } = root.getRootNode() as Document | ShadowRoot;
  if (activeElement instanceof HTMLElement) activeElement.blur();
  root.parentElement?.closest<HTMLElement>("[tabindex]")?.focus({ preventScroll: true });
  return true;
}
