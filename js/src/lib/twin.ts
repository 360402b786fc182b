/**
 * The static twin: the same facts as plain HTML in the same output, for saved notebooks. While a
 * live view is mounted a style in the document's head hides it; without our script it shows.
 */

/** Returns a function that hides the twin for one more view, which returns its undoing. */
export function twinHider(viewId: unknown): () => () => void {
  const id = typeof viewId === "string" && /^[a-z0-9-]+$/.test(viewId) ? viewId : null;
  let views = 0;
  let style: HTMLStyleElement | null = null;
  return () => {
    if (id === null) return () => {};
    views += 1;
    if (style === null) {
      style = document.createElement("style");
      const twin = `[data-qjw-twin="${id}"]`;
      // two rules: a browser that does not know :has() would drop a joined one as a whole
      style.textContent = `${twin}{display:none}\n.jp-OutputArea-child:has(${twin}){display:none}`;
      document.head.append(style);
    }
    return () => {
      views -= 1;
      if (views > 0) return;
      style?.remove();
      style = null;
    };
  };
}
