/**
 * The bars: one row for each outcome, and one for all that are not shown. Up to `FEW` rows are all
 * drawn; of more, those in sight of a part that scrolls.
 *
 * Other views draw these bars too: they need no entry, only what was measured.
 */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { usePlaces } from "../lib/places.ts";
import { useKeptScroll } from "../lib/scroll.ts";
import { number, percent } from "../lib/words.ts";
import { Head, type Scale, scaleOf, type Unit } from "./axis.tsx";
import { type Entry, groupsOf, noise, type Outcome, type Rest } from "./outcomes.ts";

/** What the bars need to know of a register beside its outcomes. */
export type Measured = Pick<Entry, "register" | "num_bits" | "shots">;

/** Outcomes in order; an array, or something that makes them when they are drawn. */
export interface Outcomes {
  readonly length: number;
  at(i: number): Outcome | undefined;
}

export interface BarsProps {
  entry: Measured;
  outcomes: Outcomes;
  /** What is not shown, if anything. */
  rest: Rest | null;
  /** The largest share there is; found in the outcomes when not given. */
  most?: number;
  unit?: Unit;
  /** What the ticks stand for; without it there are none. */
  versus?: string | null;
  /** Called with the outcome whose bits are pressed; without it they can't be. */
  onPick?: ((bits: string) => void) | undefined;
}

interface RowProps {
  shots: number;
  scale: Scale;
  tall: boolean;
  versus: string | null;
  /** Place among the outcomes. */
  at: number;
}

/** Height of a row, as the style sheet has it. */
const ROW = 22;
const FEW = 256;
/** Rows in sight when they scroll, and drawn beyond. */
const SEEN = 20;
const EXTRA = 10;

export function Bars(props: BarsProps) {
  const { entry, outcomes, rest, unit = "share", versus = null, onPick } = props;
  const n = outcomes.length;
  const tall = n <= 4;
  const most = props.most ?? mostOf(outcomes, entry.shots);
  const scale = scaleOf(most + noise(Math.min(1, most), entry.shots), entry.shots, unit);
  const row = { shots: entry.shots, scale, tall, versus };
  const scrolls = n > FEW;
  const { place, from, to, onScroll } = useWindow(n, scrolls);
  const shown = Array.from({ length: to - from }, (_, i) => outcomes.at(from + i) as Outcome);
  leaveBar(place.current, shown);
  const places = usePlaces(shown.map(({ bits }) => bits));
  // the same elements for few and for many: taking away those there were would hold up the page
  return (
    <section
      ref={place}
      class={scrolls ? "qjw-ct-scroll" : undefined}
      aria-label={scrolls ? `${number(n)} outcomes` : undefined}
      tabIndex={scrolls ? 0 : undefined}
      onScroll={onScroll}
    >
      <div
        class={`qjw-cts${versus === null ? "" : " qjw-ct-vs"}`}
        role="table"
        aria-label={`Counts of ${entry.register}`}
        aria-rowcount={n + (rest ? 2 : 1)}
      >
        <Head entry={entry} scale={scale} versus={versus} hidden={tall} />
        <Room rows={from} />
        {shown.map((outcome, i) => (
          <Bar
            {...row}
            key={places.get(outcome.bits)}
            at={from + i}
            outcome={outcome}
            onPick={onPick}
          />
        ))}
        <Room rows={n - to} />
        {rest && <Others {...row} at={n} rest={rest} />}
      </div>
    </section>
  );
}

function mostOf(outcomes: Outcomes, shots: number): number {
  let most = 0;
  for (let i = 0; i < outcomes.length; i++) {
    const { count, expected } = outcomes.at(i) as Outcome;
    most = Math.max(most, count / shots || 0, expected ?? 0);
  }
  return most;
}

/** Return which rows to draw, of many those in sight; and what the part that scrolls needs. */
function useWindow(n: number, scrolls: boolean) {
  const [first, setFirst] = useState(0);
  const place = useRef<HTMLElement>(null);
  const keepScroll = useKeptScroll(place, scrolls);
  useLayoutEffect(() => {
    const el = place.current;
    if (!scrolls || !el) return undefined;
    el.scrollTop = 0; // browsers remember where it was when it scrolled before
    return () => {
      keepScroll();
      setFirst(0);
    };
  }, [scrolls]);
  const onScroll = ({ currentTarget: el }: { currentTarget: HTMLElement }): void => {
    keepScroll();
    const next = Math.floor(el.scrollTop / ROW);
    takeFocus(el, next, Math.abs(next - first));
    setFirst(next);
  };
  const from = scrolls ? Math.max(0, Math.min(first, n - SEEN) - EXTRA) : 0;
  const to = scrolls ? Math.min(n, first + SEEN + EXTRA) : n;
  return { place, from, to, onScroll };
}

/** Room for rows that are not drawn. */
function Room({ rows }: { rows: number }) {
  return rows > 0 ? <div class="qjw-ct-room" style={{ height: `${rows * ROW}px` }} /> : null;
}

/**
 * Give the part that scrolls the focus of a bar that goes, or whose place another outcome may get:
 * that one would be pressed.
 */
function takeFocus(scroller: HTMLElement, first: number, moved: number): void {
  const bar = focusedBar(scroller);
  if (!bar) return;
  const at = Number(bar.getAttribute("aria-rowindex")) - 2;
  const stays = moved <= EXTRA && at >= first - EXTRA && at < first + SEEN + EXTRA;
  if (!stays) scroller.focus({ preventScroll: true });
}

/** The same when other outcomes are about to be drawn: few have no part that scrolls. */
function leaveBar(place: HTMLElement | null, shown: readonly Outcome[]): void {
  const bar = focusedBar(place);
  if (!bar || shown.some(({ bits }) => bits === bar.dataset.outcome)) return;
  place?.focus({ preventScroll: true });
  bar.querySelector<HTMLElement>(":focus")?.blur();
}

/** Return the row that the focus is in. */
function focusedBar(place: HTMLElement | null): HTMLElement | null {
  const active = (place?.getRootNode() as Document | ShadowRoot | undefined)?.activeElement;
  return active && place?.contains(active) ? active.closest<HTMLElement>("[data-outcome]") : null;
}

function Bar(props: RowProps & { outcome: Outcome; onPick: BarsProps["onPick"] }) {
  const { outcome, shots, scale, tall, versus, at, onPick } = props;
  const { bits, count, expected = null } = outcome;
  return (
    <div
      class={tall ? "qjw-cr qjw-cr2" : "qjw-cr"}
      role="row"
      aria-rowindex={at + 2}
      data-outcome={bits}
      data-count={count}
    >
      <Bits bits={bits} onPick={onPick} />
      <Track share={count / shots} {...{ expected, shots, scale, versus }} />
      <Numbers share={count / shots} {...{ count, expected, scale, versus }} />
    </div>
  );
}

/** All outcomes without a bar of their own. */
function Others({ rest, shots, scale, versus, at }: RowProps & { rest: Rest }) {
  const { kinds, count, expected = null } = rest;
  return (
    <div class="qjw-cr" role="row" aria-rowindex={at + 2} data-outcome="other" data-count={count}>
      <span class="qjw-2" role="rowheader">
        other
      </span>
      <Track share={count / shots} {...{ expected, shots, scale, versus }} kinds={kinds} />
      <Numbers share={count / shots} {...{ count, expected, scale, versus }} />
    </div>
  );
}

/** A bit string in groups, its ones in ink, so that patterns show. */
function Bits({ bits, onPick }: { bits: string; onPick: BarsProps["onPick"] }) {
  const groups = groupsOf(bits).map((group, g) => (
    <span key={g} class="qjw-bits-5">
      {group.split(/(1+)/).map((run, r) => (run.startsWith("1") ? <b key={r}>{run}</b> : run))}
    </span>
  ));
  if (!onPick) {
    return (
      <span class="qjw-bits" role="rowheader" title={bits} aria-label={bits}>
        {groups}
      </span>
    );
  }
  return (
    <span class="qjw-bits" role="rowheader" aria-label={bits}>
      <button
        type="button"
        class="qjw-ct-goal"
        title={`Sort by distance to ${bits}`}
        aria-label={`Sort by distance to ${bits}`}
        onClick={() => onPick(bits)}
      >
        {groups}
      </button>
    </span>
  );
}

interface TrackProps {
  share: number;
  expected: number | null;
  shots: number;
  scale: Scale;
  versus: string | null;
  /** How many outcomes these are together, where they are not one. */
  kinds?: number;
}

function Track({ share, expected, shots, scale, versus, kinds }: TrackProps) {
  const at = (value: number): number => Math.min(100, Math.max(0, (100 * value) / scale.end));
  const sigma = noise(share, shots);
  const [low, high] = [at(share - sigma), at(share + sigma)];
  const marked = versus !== null && expected !== null;
  const inPercent = (value: number): string => percent(value, scale.decimals);
  const more = marked ? `, ${versus} ${inPercent(expected)}` : "";
  const said = `± ${inPercent(sigma)} shot noise${more}`;
  return (
    <span class="qjw-trk" role="cell" title={said}>
      <span class="qjw-said">
        {kinds === undefined ? said : `${number(kinds)} outcomes, ${said}`}
      </span>
      <i
        class={kinds === undefined ? "qjw-cb-b" : "qjw-cb-b qjw-cb-o"}
        style={{ width: `${at(share).toFixed(2)}%` }}
      />
      {marked && expected <= scale.end && (
        <i class="qjw-cb-i" style={{ left: `${at(expected).toFixed(2)}%` }} />
      )}
      {share <= scale.end && (
        <i
          class="qjw-cb-e"
          style={{ left: `${low.toFixed(2)}%`, width: `${(high - low).toFixed(2)}%` }}
        />
      )}
      {kinds !== undefined && (
        <Note
          text={`${number(kinds)} outcomes`}
          after={marked ? Math.max(high, at(expected)) : high}
        />
      )}
    </span>
  );
}

/** Text beside a bar, or on it where it leaves no room. */
function Note({ text, after }: { text: string; after: number }) {
  const place = after < 70 ? { left: `calc(${after.toFixed(2)}% + 6px)` } : { right: "0" };
  return (
    <span class={after < 70 ? "qjw-oth" : "qjw-oth qjw-oth-on"} style={place} aria-hidden="true">
      {text}
    </span>
  );
}

function Numbers(props: {
  count: number;
  share: number;
  expected: number | null;
  scale: Scale;
  versus: string | null;
}) {
  const { count, share, expected, scale, versus } = props;
  return (
    <>
      <span class="qjw-num" role="cell">
        {number(count)}
      </span>
      <span class="qjw-num" role="cell">
        {percent(share, scale.decimals)}
      </span>
      {versus !== null && (
        <span class="qjw-num qjw-2 qjw-ct-d" role="cell">
          {expected === null ? "" : points(share - expected, scale.decimals)}
        </span>
      )}
    </>
  );
}

/** Return a difference of shares in percentage points, with its sign: "+0.7". */
export function points(difference: number, decimals: number): string {
  const text = number(100 * difference, decimals);
  return difference > 0 && Number(text) !== 0 ? `+${text}` : text;
}
