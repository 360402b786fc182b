/** The pane of a job's log, which follows a job that runs. */
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { useCopy } from "../lib/parts.tsx";
import { useKeptScroll } from "../lib/scroll.ts";
import { isFinal } from "../lib/status.ts";
import { count } from "../lib/words.ts";
import { Absent, type PaneProps } from "./pane.tsx";

const AGAIN = 5000;
/** Pixels from the end of the log within which one is at its end: a line. */
const NEAR_END = 20;

export function LogsPane(props: PaneProps) {
  const { row, model, acts, traits } = props;
  const detail = traits.logs.value;
  const scroller = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const keepScroll = useKeptScroll(scroller, traits.logs.value.content?.text);
  const [copied, copy] = useCopy(() => traits.logs.value.content?.text ?? "");
  const found = detail.content;
  const open = !isFinal(row.status);
  useEffect(() => {
    if (!acts || !open) return undefined;
    const ask = (): void => {
      if (document.visibilityState === "visible") {
        model.send({ kind: "again", job: row.id, what: "logs" });
      }
    };
    const timer = setInterval(ask, AGAIN);
    return () => clearInterval(timer);
  }, [row.id, open, acts, model]);
  useLayoutEffect(() => {
    const el = scroller.current;
    if (!el) return undefined;
    const follow = (): void => {
      // who reads further up is left there
      if (atEnd.current) el.scrollTop = el.scrollHeight;
    };
    follow();
    // hosts draw before the view is in the page, where nothing can be scrolled
    const sizes = new ResizeObserver(follow);
    sizes.observe(el);
    return () => sizes.disconnect();
  }, [found?.text]);
  if (!found) {
    return <Absent detail={detail} what="logs" waiting="Fetching the log…" pane={props} />;
  }
  if (found.text.trim() === "") {
    return (
      <div class="qjw-k-none qjw-2">
        {open ? "Nothing logged so far." : "This job logged nothing."}
      </div>
    );
  }
  const lines = found.text.replace(/\n$/, "").split("\n");
  return (
    <>
      <section
        class="qjw-k-log"
        ref={scroller}
        aria-label="Log"
        tabIndex={0}
        onScroll={({ currentTarget: el }) => {
          keepScroll();
          atEnd.current = el.scrollHeight - el.scrollTop - el.clientHeight < NEAR_END;
        }}
      >
        {lines.map((line, i) => (
          // by its number in the whole log, of whose beginning there may be less each time
          <div key={found.lines - lines.length + i} class={toneOf(line)}>
            {line}
          </div>
        ))}
      </section>
      <div class="qjw-foot">
        <span>
          {found.cut ? `The end of ${count(found.lines, "line")}` : count(found.lines, "line")}
          {open && ", refreshed every 5\u202fs"}
        </span>
        {detail.state === "failed" && <span class="qjw-fail qjw-clip">{detail.message}</span>}
        <span class="qjw-grow" />
        <button type="button" class="qjw-link" onClick={copy}>
          {copied ? "Copied" : "Copy log"}
        </button>
      </div>
    </>
  );
}

function toneOf(line: string): string | undefined {
  const level = line.match(/\b(WARNING|WARN|ERROR|CRITICAL)\b/)?.[1];
  if (!level) return undefined;
  return level.startsWith("WARN") ? "qjw-k-warn" : "qjw-fail";
}
