/** A job's course as a line, each stretch as wide as its share, none too narrow for its words. */
import type { Row } from "../lib/model.ts";
import { clock, wholeDate } from "../lib/words.ts";
import { courseOf, courseText, type Stretch } from "./course.ts";

interface TimelineProps {
  row: Row;
  /** The moment up to which running times are known. */
  until: number;
}

export function Timeline({ row, until }: TimelineProps) {
  const course = courseOf(row, until);
  const { stretches, end } = course;
  const whole = stretches.reduce((sum, { seconds }) => sum + seconds, 0) || 1;
  const columns = stretches
    .map(({ seconds, text }, i) => {
      // the last caption has nowhere to run on to; its letters are narrower than digits. All least
      // widths together fit the narrowest card.
      const last = `minmax(min(40%, max(144px, ${Math.round(0.85 * text.length)}ch)),`;
      const least = i === stretches.length - 1 ? last : "minmax(max(12%, min(84px, 30%)),";
      return `${least} ${Math.max(1, (100 * seconds) / whole).toFixed(1)}fr)`;
    })
    .join(" ");
  return (
    <div
      class="qjw-k-tl"
      role="img"
      aria-label={courseText(course)}
      style={{ gridTemplateColumns: columns }}
    >
      {stretches.map(({ kind, tone, text, from }, i) => (
        <div key={kind} class={`qjw-k-s qjw-k-${kind} qjw-k-t-${tone}`}>
          <span class={roomAfter(stretches, i) ? "qjw-k-over qjw-k-far" : "qjw-k-over"}>
            {text}
          </span>
          <i />
          <Mark {...from} now={kind === "rest"} />
          {i === stretches.length - 1 && <End {...end} />}
        </div>
      ))}
    </div>
  );
}

/** Whether a caption may run on over the next stretch, which has none. */
function roomAfter(stretches: readonly Stretch[], at: number): boolean {
  return stretches[at + 1]?.text === "";
}

function Mark({ text, time, now }: { text: string; time: number | null; now: boolean }) {
  return (
    <span class={now ? "qjw-k-m qjw-k-now" : "qjw-k-m"}>
      <span>{text}</span>
      <Time time={time} />
    </span>
  );
}

function End({ text, time, tone }: { text: string; time: number | null; tone: string }) {
  return (
    <span class={tone === "fail" ? "qjw-k-m qjw-k-end qjw-fail" : "qjw-k-m qjw-k-end"}>
      <span>{text}</span>
      <Time time={time} />
    </span>
  );
}

/** A time of day with its seconds, and the day beside it for who asks. */
function Time({ time }: { time: number | null }) {
  if (time === null) return <small>–</small>;
  const seconds = String(new Date(time).getSeconds()).padStart(2, "0");
  return (
    <small title={wholeDate(time)}>
      {clock(time)}:{seconds}
    </small>
  );
}
