/** The theme's colours as the canvas needs them: computed, not as variables. */

export interface Palette {
  fg: string;
  fg2: string;
  fg3: string;
  line: string;
  line2: string;
  wait: string;
  tint: string;
  /** Of each curve: its line, and the dots behind it, stepped back. */
  curves: { line: string; dot: string }[];
  font: string;
}

/** How many colours there are for curves; then dashes tell them apart. */
export const SLOTS = 6;

const DASHES: readonly (readonly number[])[] = [[], [7, 3], [2, 3], [9, 3, 2, 3]];

/** Return the dash of a curve: two curves never differ by colour alone. */
export function dashOf(slot: number): readonly number[] {
  return DASHES[(slot + Math.floor(slot / SLOTS)) % DASHES.length] as readonly number[];
}

/** Return the CSS colour of a curve. */
export function colourOf(slot: number): string {
  return `var(--qjw-c${(slot % SLOTS) + 1})`;
}

/** Return the colours and the font in force at `el`. */
export function readPalette(el: HTMLElement): Palette {
  const probe = document.createElement("span");
  el.append(probe);
  // a canvas has all colours, also where the reader has chosen a few: those then are ours already
  probe.style.setProperty("forced-color-adjust", "none");
  const style = getComputedStyle(probe);
  const colour = (value: string): string => {
    probe.style.color = value;
    return style.color;
  };
  const palette: Palette = {
    fg: colour("var(--qjw-fg)"),
    fg2: colour("var(--qjw-fg2)"),
    fg3: colour("var(--qjw-fg3)"),
    line: colour("var(--qjw-line)"),
    line2: colour("var(--qjw-line2)"),
    wait: colour("var(--qjw-wait)"),
    tint: colour("color-mix(in srgb, var(--qjw-wait) 12%, var(--qjw-bg))"),
    curves: Array.from({ length: SLOTS }, (_, slot) => ({
      line: colour(colourOf(slot)),
      dot: colour(`color-mix(in srgb, ${colourOf(slot)} 50%, var(--qjw-bg))`),
    })),
    font: `11px ${style.fontFamily || "sans-serif"}`,
  };
  probe.remove();
  return palette;
}
