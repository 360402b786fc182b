/** The bars: one row for each outcome, and one for all that are not shown. */
import { number, percent, THIN } from "../lib/words.ts";
import { type Entry, endOfShares, groupsOf, noise, type Outcome } from "./outcomes.ts";

interface BarsProps {
  entry: Entry;
  outcomes: readonly Outcome[];
  /** What is not shown, if anything: how many outcomes, and their counts. */
  rest: { kinds: number; count: number } | null;
}

export function Bars({ entry, outcomes, rest }: BarsProps) {
  const { shots } = entry;
  const end = endOfShares(Math.max(...outcomes.map(({ count }) => reach(count / shots, shots))));
  const tall = outcomes.length <= 4;
  return (
    <div class="qjw-cts" role="table" aria-label={`Counts of ${entry.register}`}>
      {!tall && <Head entry={entry} end={end} />}
      {outcomes.map(({ bits, count }) => (
        <div
          key={bits}
          class={tall ? "qjw-cr qjw-cr2" : "qjw-cr"}
          role="row"
          data-outcome={bits}
          data-count={count}
        >
          <Bits bits={bits} />
          <Track share={count / shots} shots={shots} end={end} bar="qjw-cb-b" />
          <Numbers count={count} shots={shots} />
        </div>
      ))}
      {rest && (
        <div class="qjw-cr" role="row" data-outcome="other" data-count={rest.count}>
          <span class="qjw-2" role="rowheader">
            other
          </span>
          <Track
            share={rest.count / shots}
            shots={shots}
            end={end}
            bar="qjw-cb-b qjw-cb-o"
            note={`${number(rest.kinds)} outcomes`}
          />
          <Numbers count={rest.count} shots={shots} />
        </div>
      )}
    </div>
  );
}

const reach = (share: number, shots: number): number => Math.min(1, share + noise(share, shots));

/** Column heads, with the scale of the bars. */
function Head({ entry, end }: { entry: Entry; end: number }) {
  const quarter = end * 25;
  const decimals = Number.isInteger(quarter) ? 0 : quarter < 0.1 ? 3 : quarter < 1 ? 2 : 1;
  return (
    <div class="qjw-cr qjw-ch" role="row">
      <span role="columnheader">
        {entry.register}[{entry.num_bits - 1}…0]
      </span>
      <span class="qjw-ax" aria-hidden="true">
        {[0, 1, 2, 3, 4].map((i) => (
          <span key={i} style={{ left: `${25 * i}%` }}>
            {number(i * quarter, i === 0 ? 0 : decimals)}
            {i === 4 && `${THIN}%`}
          </span>
        ))}
      </span>
      <span class="qjw-num" role="columnheader">
        Counts
      </span>
      <span class="qjw-num" role="columnheader">
        Share
      </span>
    </div>
  );
}

/** A bit string in groups, its ones in ink, so that patterns show. */
function Bits({ bits }: { bits: string }) {
  return (
    <span class="qjw-bits" role="rowheader" title={bits} aria-label={bits}>
      {groupsOf(bits).map((group, g) => (
        <span key={g} class="qjw-bits-5">
          {group.split(/(1+)/).map((run, r) => (run.startsWith("1") ? <b key={r}>{run}</b> : run))}
        </span>
      ))}
    </span>
  );
}

interface TrackProps {
  share: number;
  shots: number;
  end: number;
  bar: string;
  note?: string;
}

function Track({ share, shots, end, bar, note }: TrackProps) {
  const at = (value: number): number => Math.min(100, Math.max(0, (100 * value) / end));
  const sigma = noise(share, shots);
  const [low, high] = [at(share - sigma), at(share + sigma)];
  const width = at(share);
  return (
    <span class="qjw-trk" role="cell" title={note ? undefined : `± ${percent(sigma)} shot noise`}>
      <i class={bar} style={{ width: `${width.toFixed(2)}%` }} />
      {share <= end && (
        <i
          class="qjw-cb-e"
          style={{ left: `${low.toFixed(2)}%`, width: `${(high - low).toFixed(2)}%` }}
        />
      )}
      {note && <Note text={note} after={high} />}
    </span>
  );
}

/** Text beside a bar, or on it where it leaves no room. */
function Note({ text, after }: { text: string; after: number }) {
  const place = after < 70 ? { left: `calc(${after.toFixed(2)}% + 6px)` } : { right: "0" };
  return (
    <span class={after < 70 ? "qjw-oth" : "qjw-oth qjw-oth-on"} style={place}>
      {text}
    </span>
  );
}

function Numbers({ count, shots }: { count: number; shots: number }) {
  return (
    <>
      <span class="qjw-num" role="cell">
        {number(count)}
      </span>
      <span class="qjw-num" role="cell">
        {percent(count / shots)}
      </span>
    </>
  );
}
