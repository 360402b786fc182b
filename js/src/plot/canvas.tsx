/** The panels of a plot over one x axis, which arrow keys read point by point. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { keepKey } from "../lib/keys.ts";
import { number } from "../lib/words.ts";
import { Chart, type Gestures, type Scene } from "./chart.ts";
import { nearest } from "./columns.ts";
import type { Panel } from "./curves.ts";
import { EXACT } from "./facts.ts";
import { endOfAxis } from "./scale.ts";

const KEYS: Record<string, number> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  PageUp: -10,
  PageDown: 10,
  Home: -Infinity,
  End: Infinity,
};

/** Heights of one panel, and of each of several. */
const TALL = 262;
const LOWER = 168;
/** Below this width panels are lower. */
const NARROW = 560;

/** Return how high each of so many panels is. */
export function heightOf(panels: number, width: number): number {
  const height = panels > 1 ? LOWER : TALL;
  return width < NARROW ? height - (panels > 1 ? 24 : 40) : height;
}

interface CanvasProps {
  panels: readonly Panel[];
  xLabel: string;
  label: string;
  at: number | null;
  width: number;
  onRead: (x: number | null) => void;
  onClick: (x: number) => void;
  onHost: (react: () => void) => () => void;
}

export function Canvas(props: CanvasProps) {
  const { panels, at, onRead } = props;
  const [zoom, setZoom] = useState<[number, number] | null>(null);
  const longest = panels.flatMap(({ curves }) => curves).sort(byLength)[0];
  const end = Math.max(0, ...panels.flatMap(({ curves }) => curves.map(({ x }) => x.at(-1) ?? 0)));
  const x: [number, number] = zoom ?? [0, endOfAxis(end)];
  const onKeyDown = (event: KeyboardEvent): void => {
    keepKey(event, (key) => {
      const step = KEYS[key];
      if (key === "Escape") onRead(null);
      if (step === undefined || !longest) return key === "Escape";
      const last = longest.x.length - 1;
      const from = at === null ? last : nearest(longest.x, at);
      onRead(longest.x[Math.min(last, Math.max(0, from + step))] ?? null);
      return true;
    });
  };
  return (
    <div class="qjw-p" data-lm-suppress-shortcuts>
      {/* a picture that is read by keys: its label says what it shows, the legend what is read */}
      <div
        class="qjw-p-place"
        role="img"
        aria-label={props.label}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={() => onRead(null)}
      >
        {panels.map((panel) => (
          <OnePanel
            key={panel.key}
            {...props}
            panel={panel}
            x={x}
            onZoom={setZoom}
            height={heightOf(panels.length, props.width)}
          />
        ))}
      </div>
      <span class="qjw-p-x" aria-hidden="true">
        {props.xLabel}
      </span>
    </div>
  );
}

function byLength(one: { x: Float64Array }, other: { x: Float64Array }): number {
  return other.x.length - one.x.length;
}

interface PanelProps extends CanvasProps {
  panel: Panel;
  x: [number, number];
  height: number;
  onZoom: Gestures["onZoom"];
}

function OnePanel({ panel, x, height, at, onHost, ...gestures }: PanelProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | null>(null);
  const latest = useRef<Gestures>(gestures);
  latest.current = gestures;
  const scene: Scene = {
    panel,
    x,
    height,
    referenceText: (value) => `${EXACT} ${number(value, panel.decimals)}`,
  };
  useLayoutEffect(() => {
    const opened = new Chart(place.current as HTMLDivElement, scene, {
      onRead: (value) => latest.current.onRead(value),
      onZoom: (value) => latest.current.onZoom(value),
      onClick: (value) => latest.current.onClick(value),
    });
    chart.current = opened;
    const deaf = onHost(() => opened.recolour());
    return () => {
      deaf();
      opened.close();
    };
  }, [onHost]);
  useLayoutEffect(() => {
    // several changes within a frame are drawn once, and in this frame: a later effect misses it
    const frame = requestAnimationFrame(() => chart.current?.draw(scene));
    return () => cancelAnimationFrame(frame);
  }, [panel, x[0], x[1], height]);
  useEffect(() => chart.current?.read(at), [at]);
  return (
    <div class="qjw-p-panel">
      <span class="qjw-p-y" aria-hidden="true">
        {titleOf(panel)}
      </span>
      {panel.refused && (
        <span class="qjw-p-refused qjw-wait">linear: a log scale needs positive values</span>
      )}
      <div ref={place} style={{ minHeight: `${height}px` }} />
    </div>
  );
}

function titleOf({ title, unit, axis }: Panel): string {
  const name = axis === "error" ? `|${title} − ${EXACT}|` : title;
  return [name, unit].filter(Boolean).join(", ");
}
