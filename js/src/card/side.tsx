/** What stands beside a job's content: why it failed, its facts, tags and note, and what to do. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { keepKey } from "../lib/keys.ts";
import type { Row } from "../lib/model.ts";
import { Answers, CopyButton, Icon, IconButton, Prose } from "../lib/parts.tsx";
import { consequence, isFinal } from "../lib/status.ts";
import { type Editing, Opener, Outcome, send, TextField, useOpen } from "./edit.tsx";
import type { CardTraits } from "./model.ts";

/** Why a job failed or was cancelled, why an act was refused, and the service's advice. */
export function Why({ row }: { row: Row }) {
  const reason = isFinal(row.status) ? row.reason : null;
  if (!reason && !row.note) return null;
  const failed = row.status === "ERROR";
  return (
    <div class="qjw-k-why">
      <span class={failed || row.note ? "qjw-fail" : "qjw-2"}>
        <Icon name={failed || row.note ? "error" : "cancelled"} />
      </span>
      <div>
        {row.note && <p>{row.note}</p>}
        {reason && <p>{reason}</p>}
        {reason && row.advice && (
          <p class="qjw-2">
            <Prose text={row.advice} />
          </p>
        )}
      </div>
    </div>
  );
}

export function Facts({ traits }: { traits: CardTraits }) {
  return (
    <dl class="qjw-k-facts">
      {traits.facts.value.map(([label, text, more]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd title={more ? `${text} · ${more}` : text}>
            {text}
            {more && <span class="qjw-2"> {more.startsWith("of ") ? more : `· ${more}`}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

interface OwnProps {
  row: Row;
  traits: CardTraits;
  editing: Editing;
}

/** The user's own words: tags at the service, the note on this machine. */
export function Own({ row, traits, editing }: OwnProps) {
  return (
    <div class="qjw-k-own">
      <TagsLine tags={row.tags} editing={editing} />
      <NoteLine note={traits.words.value.note ?? ""} editing={editing} />
    </div>
  );
}

function TagsLine({ tags, editing }: { tags: string[]; editing: Editing }) {
  const { open, setOpen, opener } = useOpen();
  const save = (next: string[]): void => {
    if (next.join("\0") !== tags.join("\0")) send(editing, "tags", next);
    setOpen(false);
  };
  return (
    <div class="qjw-k-line">
      <span class="qjw-k-label">Tags</span>
      {open ? (
        <TagsField tags={tags} onSave={save} onClose={() => setOpen(false)} />
      ) : (
        <>
          <span class="qjw-k-tags">
            {tags.map((tag) => (
              <span key={tag} class="qjw-k-tag" title={tag}>
                {tag}
              </span>
            ))}
            {tags.length === 0 && <span class="qjw-2">none</span>}
          </span>
          {editing.acts && <Opener what="tags" opener={opener} onClick={() => setOpen(true)} />}
          <Outcome edit={editing.edits.tags} />
        </>
      )}
    </div>
  );
}

interface TagsFieldProps {
  tags: string[];
  onSave: (tags: string[]) => void;
  onClose: () => void;
}

/** Each tag with a button that takes it away, and a field for another: a tag may hold anything. */
function TagsField({ tags, onSave, onClose }: TagsFieldProps) {
  const [draft, setDraft] = useState(tags);
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => field.current?.focus(), []);
  const withNew = (): string[] => {
    const text = field.current?.value.trim() ?? "";
    return text && !draft.includes(text) ? [...draft, text] : draft;
  };
  const add = (): void => {
    setDraft(withNew());
    if (field.current) field.current.value = "";
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape") onClose();
    else if (event.key === "Enter" && field.current?.value.trim()) add();
    else if (event.key === "Enter") onSave(draft);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <span class="qjw-k-field" data-lm-suppress-shortcuts>
      <span class="qjw-k-tags">
        {draft.map((tag) => (
          <span key={tag} class="qjw-k-tag">
            {tag}
            <button
              type="button"
              aria-label={`Remove tag ${tag}`}
              onClick={() => setDraft(draft.filter((other) => other !== tag))}
            >
              <Icon name="close" />
            </button>
          </span>
        ))}
      </span>
      <input
        ref={field}
        aria-label="Another tag"
        placeholder="Another tag"
        maxLength={86}
        onKeyDown={onKeyDown}
      />
      <IconButton icon="check" label="Save tags" onClick={() => onSave(withNew())} />
      <IconButton icon="close" label="Keep as it was" onClick={onClose} />
    </span>
  );
}

function NoteLine({ note, editing }: { note: string; editing: Editing }) {
  const { open, setOpen, opener } = useOpen();
  return (
    <div class="qjw-k-line">
      <span class="qjw-k-label">Note</span>
      {open ? (
        <TextField
          label="Note"
          long
          value={note}
          onSave={(value) => send(editing, "note", value)}
          onClose={() => setOpen(false)}
        />
      ) : (
        <>
          <span class={note ? "qjw-k-note" : "qjw-k-note qjw-2"}>{note || "none"}</span>
          {editing.acts && <Opener what="note" opener={opener} onClick={() => setOpen(true)} />}
          <Outcome edit={editing.edits.note} />
        </>
      )}
    </div>
  );
}

/** What one can do with the job; cancelling asks once, in the same place. */
export function Acts({ row, editing }: { row: Row; editing: Editing }) {
  const [asking, ask] = useState(false);
  const [asked, setAsked] = useState(false);
  const code = `service.job(${JSON.stringify(row.id)})`;
  const open = !isFinal(row.status);
  const going = row.cancelling || (asked && editing.acts && !row.refused && open);
  useEffect(() => setAsked(false), [row.id, row.refused]);
  if (asking && open && editing.acts) {
    return (
      <fieldset
        class="qjw-k-acts qjw-k-ask"
        data-lm-suppress-shortcuts
        onKeyDown={(event) =>
          keepKey(event, (key) => {
            if (key === "Escape") ask(false);
            return key === "Escape";
          })
        }
      >
        <span class="qjw-clip">Cancel this job? {consequence([row])}</span>
        <Answers
          safe="Keep job"
          act="Cancel job"
          onSafe={() => ask(false)}
          onAct={() => {
            ask(false);
            setAsked(true);
            editing.model.send({ kind: "cancel", job: row.id });
          }}
        />
      </fieldset>
    );
  }
  return (
    <div class="qjw-k-acts">
      {editing.acts && open && !going && (
        <button type="button" class="qjw-btn" onClick={() => ask(true)}>
          <Icon name="stop" />
          Cancel…
        </button>
      )}
      {going && <span class="qjw-k-going">cancelling…</span>}
      <CopyButton text={() => row.id}>Copy id</CopyButton>
      <CopyButton text={() => code} title={code}>
        Copy code
      </CopyButton>
    </div>
  );
}
