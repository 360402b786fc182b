/** The panels of a plot over one x axis, which arrow keys read point by point. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Cell } from "../lib/cell.ts";
import { keepKey } from "../lib/keys.ts";
import { number } from "../lib/words.ts";
import { Chart, type Gestures, type Scene } from "./chart.ts";
import { nearest } from "./columns.ts";
import type { Curve, Panel } from "./curves.ts";
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

type Range = Scene["x"];

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
  /** The panels as they were when last read; the charts in them draw the newest. */
  panels: readonly Panel[];
  newest: () => readonly Panel[];
  /** Tells when there is more to draw; null while nothing more is drawn. */
  growing: Cell<unknown> | null;
  /** Whether someone sees it. */
  seen: Cell<boolean | null>;
  xLabel: string;
  label: string;
  at: number | null;
  width: number;
  onRead: (x: number | null) => void;
  onClick: (x: number) => void;
  onHost: (react: () => void) => () => void;
}

export function Canvas(props: CanvasProps) {
  const { panels, newest, at, onRead } = props;
  const [zoom, setZoom] = useState<Range | null>(null);
  const charts = useRef(new Map<string, Chart>()).current;
  const height = heightOf(panels.length, props.width);
  const sceneOf = (panel: Panel, x: Range): Scene => ({
    panel,
    x,
    height,
    referenceText: (value) => `${EXACT} ${number(value, panel.decimals)}`,
  });
  const ask = useFrames(props, () => {
    const now = newest();
    const x = zoom ?? wholeOf(now);
    for (const panel of now) charts.get(panel.key)?.draw(sceneOf(panel, x));
  });
  useLayoutEffect(() => ask(), [panels, zoom, height]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const longest = curvesOf(newest()).sort(byLength)[0];
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
  const x = zoom ?? wholeOf(panels);
  return (
    <div class="qjw-p">
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
            scene={sceneOf(panel, x)}
            charts={charts}
            onZoom={setZoom}
          />
        ))}
      </div>
      <span class="qjw-p-x" aria-hidden="true">
        {props.xLabel}
      </span>
    </div>
  );
}

/**
 * Returns what asks for the next frame; so does what grows, where someone sees it. Whatever has
 * changed until that frame is drawn once, and in it: an effect comes too late for it.
 */
function useFrames({ growing, seen }: CanvasProps, draw: () => void): () => void {
  const latest = useRef(draw);
  latest.current = draw;
  const frame = useRef(0);
  const ask = useRef((): void => {
    if (seen.value === false) return;
    frame.current ||= requestAnimationFrame(() => {
      frame.current = 0;
      latest.current();
    });
  }).current;
  useLayoutEffect(() => growing?.onChange(ask), [growing]);
  useLayoutEffect(() => {
    const stop = seen.onChange(ask);
    return () => {
      stop();
      cancelAnimationFrame(frame.current);
    };
  }, []);
  return ask;
}

const curvesOf = (panels: readonly Panel[]): Curve[] => panels.flatMap(({ curves }) => curves);

/** Return the ends of an x axis that holds all there is. */
function wholeOf(panels: readonly Panel[]): Range {
  return [0, endOfAxis(Math.max(0, ...curvesOf(panels).map(({ x }) => x.at(-1) ?? 0)))];
}

function byLength(one: Curve, other: Curve): number {
  return other.x.length - one.x.length;
}

interface PanelProps extends CanvasProps {
  /** What it begins with. */
  scene: Scene;
  /** The charts there are, by panel. */
  charts: Map<string, Chart>;
  onZoom: Gestures["onZoom"];
}

function OnePanel({ scene, charts, at, onHost, ...gestures }: PanelProps) {
  const place = useRef<HTMLDivElement>(null);
  const { panel, height } = scene;
  const latest = useRef<Gestures>(gestures);
  latest.current = gestures;
  useLayoutEffect(() => {
    const chart = new Chart(place.current as HTMLDivElement, scene, {
      onRead: (value) => latest.current.onRead(value),
      onZoom: (value) => latest.current.onZoom(value),
      onClick: (value) => latest.current.onClick(value),
    });
    charts.set(panel.key, chart);
    const deaf = onHost(() => chart.recolour());
    return () => {
      deaf();
      charts.delete(panel.key);
      chart.close();
    };
  }, [onHost]);
  useEffect(() => charts.get(panel.key)?.read(at), [at]);
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
