/** The bar that takes the filters' place while rows are selected, asks, or tells what became of it. */
import type { Row } from "../lib/model.ts";
import { Answers, CopyButton, Icon, IconButton } from "../lib/parts.tsx";
import { consequence } from "../lib/status.ts";
import { count, number } from "../lib/words.ts";
import type { Outcome } from "./book.ts";
import { asCode, asCsv, download } from "./export.ts";
import { canCancel } from "./row.tsx";

interface BulkProps {
  rows: readonly Row[];
  asking: boolean;
  /** Whether the kernel can still be told anything. */
  acts: boolean;
  ask: (asking: boolean) => void;
  cancel: (ids: readonly string[]) => void;
  clear: () => void;
}

export function BulkBar({ rows, asking, acts, ask, cancel, clear }: BulkProps) {
  const open = rows.filter(canCancel);
  const ids = rows.map((row) => row.id);
  if (asking && acts && open.length > 0) {
    return <Question rows={open} keep={() => ask(false)} cancel={cancel} />;
  }
  return (
    <div class="qjw-bar qjw-bar-low qjw-bulk" role="toolbar" aria-label="Selected jobs">
      <b class="qjw-many" role="status">
        {number(rows.length)} selected
      </b>
      <div class="qjw-fls">
        {acts && open.length > 0 && (
          <button type="button" class="qjw-btn" onClick={() => ask(true)}>
            <Icon name="stop" />
            Cancel…
          </button>
        )}
        <CopyButton text={() => ids.join("\n")}>Copy ids</CopyButton>
        <CopyButton text={() => asCode(ids)} title='As service.job("…")'>
          Copy code
        </CopyButton>
        <button
          type="button"
          class="qjw-btn"
          onClick={() => download("jobs.csv", asCsv(rows), "text/csv")}
        >
          <Icon name="save" />
          Export CSV
        </button>
      </div>
      <span class="qjw-grow" />
      <button type="button" class="qjw-btn" onClick={clear}>
        <Icon name="close" />
        Clear
      </button>
    </div>
  );
}

interface QuestionProps {
  rows: readonly Row[];
  keep: () => void;
  cancel: (ids: readonly string[]) => void;
}

/** Asks once for all of them; the safe answer has the focus. */
function Question({ rows, keep, cancel }: QuestionProps) {
  const jobs = count(rows.length, "job");
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    keep();
  };
  return (
    <div class="qjw-bar qjw-bar-low qjw-bulk" role="group" aria-label="Cancel" onKeyDown={onKey}>
      <span class="qjw-clip">
        Cancel {jobs}? <span class="qjw-hide-s">{consequence(rows)}</span>
      </span>
      <Answers
        safe={rows.length === 1 ? "Keep job" : "Keep jobs"}
        act={`Cancel ${jobs}`}
        onSafe={keep}
        onAct={() => cancel(rows.map((row) => row.id))}
      />
    </div>
  );
}

/** What became of the jobs that were asked to be cancelled together; each row says its own. */
export function OutcomeBar({ outcome, dismiss }: { outcome: Outcome; dismiss: () => void }) {
  const all = outcome.jobs.length;
  const open = all - outcome.cancelled - outcome.refused;
  const parts = [
    open > 0 ? `Cancelling ${number(open)} of ${count(all, "job")}` : null,
    outcome.cancelled > 0 ? `${number(outcome.cancelled)} cancelled` : null,
    outcome.refused > 0 ? `${number(outcome.refused)} not cancelled` : null,
  ];
  return (
    <div class="qjw-bar qjw-bar-low qjw-bulk">
      <span class="qjw-clip" role="status">
        {parts.filter(Boolean).join(" · ")}
      </span>
      <span class="qjw-grow" />
      <IconButton icon="close" label="Close" onClick={dismiss} />
    </div>
  );
}
