/**
 * Which theme the host wears. The style sheet knows the hosts that mark an ancestor; this module
 * adds what CSS can't see: marks outside a shadow root, in a parent document, or none at all.
 */

const MARKED = ["data-jp-theme-light", "data-vscode-theme-kind", "theme", "class"];
const DARK =
  '[data-jp-theme-light="false"], .vscode-dark, .vscode-high-contrast:not(.vscode-high-contrast-light), [data-vscode-theme-kind="vscode-dark"], [data-vscode-theme-kind="vscode-high-contrast"], html[theme="dark"], .dark';
const LIGHT =
  '[data-jp-theme-light="true"], .vscode-light, .vscode-high-contrast-light, [data-vscode-theme-kind="vscode-light"], [data-vscode-theme-kind="vscode-high-contrast-light"], html[theme="light"], .light';
/**
 * Hosts that have colours to borrow. Elsewhere there may be JupyterLab's light ones in any theme:
 * Colab's widget manager, and others, bring them along.
 */
const LENDERS = '[data-jp-theme-light], [data-vscode-theme-kind], [class*="vscode-"]';

/** What the system says of colours: its theme, and that the reader has chosen a few. */
const SYSTEM = ["(prefers-color-scheme: dark)", "(forced-colors: active)"];

/** Elements that may carry the host's mark: html and body of this document and its parents. */
function bearers(): Element[] {
  const found: Element[] = [];
  for (let view: Window = window; ; view = view.parent) {
    try {
      found.push(view.document.documentElement, view.document.body);
    } catch {
      break; // a parent of another origin keeps its theme to itself
    }
    if (view === view.parent) break;
  }
  return found;
}

/** Return the nearest ancestor that matches, also outside of shadow roots. */
function closestAcross(el: Element, selector: string): Element | null {
  const found = el.closest(selector);
  if (found) return found;
  const root = el.getRootNode();
  return root instanceof ShadowRoot ? closestAcross(root.host, selector) : null;
}

/** Return the element that tells the theme of the host around `el`, if the host tells any. */
function markOf(el: Element): Element | null {
  const marks = `${DARK}, ${LIGHT}`;
  return closestAcross(el, marks) ?? bearers().find((bearer) => bearer.matches(marks)) ?? null;
}

/** Whether the host around `el` is dark. */
function isDark(el: Element): boolean {
  const mark = markOf(el);
  return mark?.matches(DARK) ?? window.matchMedia("(prefers-color-scheme: dark)").matches;
}

/** Return the relative luminance (WCAG 2) of a computed `rgb()`/`rgba()` colour over a surface. */
function luminance(color: string, under: [number, number, number] = [255, 255, 255]): number {
  const parts = (color.match(/[\d.]+/g) ?? []).map(Number);
  const alpha = parts[3] ?? 1;
  const linear = [0, 1, 2].map((i) => {
    const v = ((parts[i] ?? 0) * alpha + (under[i] as number) * (1 - alpha)) / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}

/** Return the contrast ratio of ink on a surface, both computed colours. */
export function contrast(ink: string, surface: string): number {
  const under = (surface.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
  const pair = [luminance(ink, under as [number, number, number]), luminance(surface)];
  return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
}

/**
 * Give the root the host's theme; our own colours where the host has none to borrow; and where the
 * host's ink is faint, the contrast guard.
 */
function wear(root: HTMLElement): void {
  root.classList.toggle("qjw-dark", isDark(root));
  root.classList.toggle("qjw-own", !markOf(root)?.matches(LENDERS));
  const style = getComputedStyle(root);
  root.classList.toggle("qjw-low", contrast(style.color, style.backgroundColor) < 7);
}

/** Keep the root in the host's theme, calling `changed` after each change; returns the stop. */
export function followTheme(root: HTMLElement, changed: () => void): () => void {
  const update = (): void => {
    wear(root);
    changed();
  };
  const observer = new MutationObserver(update);
  for (const bearer of bearers()) observer.observe(bearer, { attributeFilter: MARKED });
  const media = SYSTEM.map((query) => window.matchMedia(query));
  for (const query of media) query.addEventListener("change", update);
  // hosts may render into an element before it is in the page, when it has no styles yet
  const arrival = new ResizeObserver(() => {
    arrival.disconnect();
    update();
  });
  arrival.observe(root);
  return () => {
    arrival.disconnect();
    observer.disconnect();
    for (const query of media) query.removeEventListener("change", update);
  };
}
