/** The head of a card: title, id, status, and in one line what the job is. */
import { knownUntil } from "../lib/freshness.ts";
import type { Freshness, Row } from "../lib/model.ts";
import { FreshMark, Icon, JobBadge, useCopy } from "../lib/parts.tsx";
import { shortId } from "../lib/words.ts";
import { type Editing, Opener, Outcome, TextField, useDraft } from "./edit.tsx";
import type { CardTraits } from "./model.ts";

interface HeadProps {
  row: Row;
  traits: CardTraits;
  editing: Editing;
  fresh: Freshness;
  now: number;
  /** Whether it stands inside a view that says how fresh it is. */
  inside: boolean;
}

export function Head({ row, traits, editing, fresh, now, inside }: HeadProps) {
  const name = traits.words.value.name ?? "";
  const { draft, opener, onOpen } = useDraft(editing, "name", name);
  const [copied, copy] = useCopy(() => row.id);
  const kind = traits.facts.value.find(([label]) => label === "Batch" || label === "Session");
  return (
    <div class="qjw-k-head">
      <div class="qjw-k-h">
        {draft ? (
          <TextField label="Name of the job" draft={draft} />
        ) : (
          <>
            <h3 class="qjw-k-title" title={name || undefined}>
              {name || row.program || "Job"}
            </h3>
            {editing.acts && <Opener what="name" opener={opener} onClick={onOpen} />}
            <span class="qjw-id qjw-k-id" title={row.id}>
              {row.id}
            </span>
            <button
              type="button"
              class="qjw-ib qjw-k-pen"
              title="Copy id"
              aria-label={`Copy id ${row.id}`}
              onClick={copy}
            >
              <Icon name={copied ? "check" : "copy"} />
            </button>
          </>
        )}
        <span class="qjw-grow" />
        <span class="qjw-badge-chip-of" data-status={row.status}>
          <JobBadge row={row} now={knownUntil(fresh, now)} />
        </span>
      </div>
      <div class="qjw-k-sub">
        <span class="qjw-clip">
          {row.program ?? "job"}
          {row.backend && ` on ${row.backend}`}
          {row.session && `, in ${(kind?.[0] ?? "session").toLowerCase()} ${shortId(row.session)}`}
        </span>
        <Outcome edit={editing.edits.name} />
        <span class="qjw-grow" />
        {!inside && <FreshMark fresh={fresh} now={now} />}
      </div>
    </div>
  );
}
