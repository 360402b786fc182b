/** What stands in the place of the bars while there are none: why, and what to do. */
import { useEffect } from "preact/hooks";
import type { Row } from "../lib/model.ts";
import { Icon, Prose } from "../lib/parts.tsx";
import { ahead, isFinal } from "../lib/status.ts";
import { duration } from "../lib/words.ts";
import type { Source } from "./store.ts";

interface PendingProps {
  job: Row | null;
  source: Source;
  now: number;
  /** Has the kernel do what it waits for; null when there is none. */
  load: (() => void) | null;
}

export function Pending({ job, source, now, load }: PendingProps) {
  useRetry(source, now, load);
  if (source.state === "failed") return <Failed job={job} message={source.message} />;
  const text = source.message ?? waiting(job, source, load !== null);
  const left = source.retry_at === null ? 0 : Math.ceil((source.retry_at - now) / 1000);
  return (
    <div class="qjw-c-none">
      <p class={source.state === "waiting" ? "qjw-2" : undefined}>
        {text}
        {load && left > 0 && (
          <span class="qjw-2" aria-hidden="true">
            {` Trying again in ${duration(left)}.`}
          </span>
        )}
      </p>
      {source.action && <Act source={source} load={load} />}
    </div>
  );
}

/** The button that has the kernel do what it waits for. */
export function Act({ source, load }: Pick<PendingProps, "source" | "load">) {
  if (!load) return <span class="qjw-2">Run the cell again first: its kernel has stopped.</span>;
  return (
    <button type="button" class="qjw-btn" onClick={load}>
      <Icon name={source.state === "away" ? "refresh" : "save"} />
      {source.action}
    </button>
  );
}

/** Ask again when it is time; whoever sees the view asks, so that nobody asks for a closed page. */
export function useRetry(source: Source, now: number, load: (() => void) | null): void {
  const due = source.state === "away" && source.retry_at !== null && source.retry_at <= now;
  useEffect(() => {
    if (due && document.visibilityState === "visible") load?.();
  }, [due]);
}

/** A job that has failed or was cancelled, or a result that can't be read. */
function Failed({ job, message }: { job: Row | null; message: string | null }) {
  // who cancelled a job knows why there is nothing: that is no failure
  const cancelled = job?.status === "CANCELLED";
  const own = job?.status === "ERROR" ? job.reason : null;
  return (
    <div class={cancelled ? "qjw-c-none qjw-c-why qjw-2" : "qjw-c-none qjw-c-why qjw-c-failed"}>
      <Icon name={cancelled ? "cancelled" : "error"} />
      <p>
        <Prose text={own ?? message ?? "The job has no counts."} />
        {own && job?.advice && (
          <span class="qjw-2">
            {" "}
            <Prose text={job.advice} />
          </span>
        )}
      </p>
    </div>
  );
}

function waiting(job: Row | null, source: Source, live: boolean): string {
  if (source.state === "loading" || (job && isFinal(job.status))) {
    return live ? "Fetching the counts…" : "The counts were not fetched while the kernel ran.";
  }
  if (job?.status === "QUEUED") {
    const place = ahead(job.position);
    return `The job is queued${place ? ` (${place})` : ""}. Its counts appear here when it is done.`;
  }
  if (job?.status === "RUNNING") {
    return "The job is running. Its counts appear here when it is done.";
  }
  return "The counts appear here when the job is done.";
}
