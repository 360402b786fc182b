/** The pane of a job's log, which follows a job that runs. */
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { useCopy } from "../lib/parts.tsx";
import { isFinal } from "../lib/status.ts";
import { count } from "../lib/words.ts";
import { Absent, type PaneProps } from "./pane.tsx";

const AGAIN = 5000;

export function LogsPane(props: PaneProps) {
  const { row, model, acts, traits } = props;
  const detail = traits.logs.value;
  const scroller = useRef<HTMLDivElement>(null);
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
    if (el) el.scrollTop = el.scrollHeight;
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
  return (
    <>
      <section
        class="qjw-k-log"
        ref={scroller}
        aria-label="Log"
        tabIndex={0}
        data-lm-suppress-shortcuts
      >
        {found.text.split("\n").map((line, i) => (
          <div key={i} class={toneOf(line)}>
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
