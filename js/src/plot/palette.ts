/** The theme's colours as the canvas needs them: computed, not as variables. */

export interface Palette {
  fg: string;
  fg2: string;
  fg3: string;
  line: string;
  line2: string;
  accent: string;
  /** Values behind the running best: the accent, stepped back. */
  dot: string;
  wait: string;
  tint: string;
  font: string;
}

const COLOURS = {
  fg: "var(--qjw-fg)",
  fg2: "var(--qjw-fg2)",
  fg3: "var(--qjw-fg3)",
  line: "var(--qjw-line)",
  line2: "var(--qjw-line2)",
  accent: "var(--qjw-accent)",
  dot: "color-mix(in srgb, var(--qjw-accent) 50%, var(--qjw-bg))",
  wait: "var(--qjw-wait)",
  tint: "color-mix(in srgb, var(--qjw-wait) 12%, var(--qjw-bg))",
};

/** Return the colours and the font in force at `el`. */
export function readPalette(el: HTMLElement): Palette {
  const probe = document.createElement("span");
  el.append(probe);
  const style = getComputedStyle(probe);
  const colour = (value: string): string => {
    probe.style.color = value;
    return style.color;
  };
  const colours = Object.fromEntries(
    Object.entries(COLOURS).map(([name, value]) => [name, colour(value)]),
  ) as Omit<Palette, "font">;
  const font = `11px ${style.fontFamily || "sans-serif"}`;
  probe.remove();
  return { ...colours, font };
}
