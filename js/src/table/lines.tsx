/** The lines between rows: a group's head, and what stands for its hidden rows. */
import { Icon } from "../lib/parts.tsx";
import { count, number, shortId } from "../lib/words.ts";
import type { GroupLine, MoreLine, Progress } from "./groups.ts";
import type { Group } from "./query.ts";

interface LineProps {
  /** Place in the whole table, from 1; the head is row 1. */
  index: number;
  top: number;
  current: boolean;
}

interface GroupProps extends LineProps {
  line: GroupLine;
  group: Group;
  modes: Record<string, string>;
}

export function GroupHead({ line, group, modes, index, top, current }: GroupProps) {
  const kind = group === "tag" ? "tag" : (modes[line.name ?? ""] ?? "session");
  return (
    <div
      role="row"
      class="qjw-item"
      aria-level={1}
      aria-expanded={line.open}
      aria-rowindex={index}
      data-key={line.key}
      tabIndex={current ? 0 : -1}
      style={{ top: `${top}px` }}
    >
      <div class="qjw-grp" role="gridcell">
        <Icon name={line.open ? "down" : "right"} />
        {line.name === null ? (
          <b>no {group}</b>
        ) : (
          <span class="qjw-clip" title={line.name}>
            {kind} <b>{group === "tag" ? line.name : shortId(line.name)}</b>
          </span>
        )}
        {line.name !== null && <ProgressBar progress={line.progress} />}
        <ProgressWords progress={line.progress} whole={line.name !== null} />
      </div>
    </div>
  );
}

const SEGMENTS = [
  ["done", "ok"],
  ["failed", "fail"],
  ["running", "run"],
] as const;

function ProgressBar({ progress }: { progress: Progress }) {
  const parts = SEGMENTS.filter(([word]) => progress[word] > 0);
  const rest = progress.all - parts.reduce((sum, [word]) => sum + progress[word], 0);
  return (
    <span class="qjw-prog" aria-hidden="true">
      {parts.map(([word, tone]) => (
        <i key={word} class={`qjw-st-${tone}`} style={{ flexGrow: progress[word] }} />
      ))}
      {rest > 0 && <i class="qjw-rest" style={{ flexGrow: rest }} />}
    </span>
  );
}

function ProgressWords({ progress, whole }: { progress: Progress; whole: boolean }) {
  const { all, done, failed, running, queued, cancelled } = progress;
  const more = [
    running > 0 ? `${number(running)} running` : null,
    queued > 0 ? `${number(queued)} queued` : null,
    cancelled > 0 ? `${number(cancelled)} cancelled` : null,
  ].filter(Boolean);
  return (
    <>
      <span class={whole ? "qjw-far" : "qjw-far qjw-2"}>
        {whole ? `${number(done)}/${number(all)} done` : count(all, "job")}
        {failed > 0 && (
          <>
            , <span class="qjw-fail">{number(failed)} failed</span>
          </>
        )}
      </span>
      {more.length > 0 && <span class="qjw-2 qjw-sm qjw-clip qjw-hide-s">{more.join(" · ")}</span>}
    </>
  );
}

interface MoreProps extends LineProps {
  line: MoreLine;
  group: Group;
}

export function MoreRow({ line, group, index, top, current }: MoreProps) {
  return (
    <div
      role="row"
      class="qjw-item"
      aria-level={2}
      aria-rowindex={index}
      data-key={line.key}
      tabIndex={current ? 0 : -1}
      style={{ top: `${top}px` }}
    >
      <div class="qjw-more" role="gridcell">
        {number(line.hidden)} more in this {group === "tag" ? "tag" : "group"}
        <button type="button" class="qjw-link" tabIndex={-1}>
          Show all {number(line.all)}
        </button>
      </div>
    </div>
  );
}
