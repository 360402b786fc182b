/** What stands beside a job's content: why it failed, its facts, tags and note, and what to do. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { keepKey } from "../lib/keys.ts";
import type { Row } from "../lib/model.ts";
import { Answers, CopyButton, Icon, IconButton, Prose } from "../lib/parts.tsx";
import { consequence, isFinal } from "../lib/status.ts";
import {
  type Draft,
  type Editing,
  fieldKeys,
  Opener,
  Outcome,
  TextField,
  Unsaved,
  useDraft,
} from "./edit.tsx";
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
  const { draft, opener, onOpen } = useDraft(editing, "tags", tags);
  return (
    <div class="qjw-k-line">
      <span class="qjw-k-label">Tags</span>
      {draft ? (
        <TagsField tags={tags} draft={draft} />
      ) : (
        <>
          <span class="qjw-k-tags">
            {tags.map((tag) => (
              <span key={tag} class="qjw-k-tag" title={tag}>
                <span class="qjw-clip">{tag}</span>
              </span>
            ))}
            {tags.length === 0 && <span class="qjw-2">none</span>}
          </span>
          {editing.acts && <Opener what="tags" opener={opener} onClick={onOpen} />}
          <Outcome edit={editing.edits.tags} />
        </>
      )}
    </div>
  );
}

interface TagsFieldProps {
  /** Those that the job has, also while they are edited. */
  tags: string[];
  draft: Draft<string[]>;
}

/**
 * Each tag with a button that takes it away, and a field for another: a tag may hold anything. What
 * is saved are the changes: tags that somebody else has given the job meanwhile stay.
 */
function TagsField({ tags, draft }: TagsFieldProps) {
  const [added, setAdded] = useState(draft.start.filter((tag) => !tags.includes(tag)));
  const [removed, setRemoved] = useState(tags.filter((tag) => !draft.start.includes(tag)));
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (draft.asked) field.current?.focus();
  }, []);
  const changed = (more: string[], fewer: string[]): string[] => [
    ...tags.filter((tag) => !fewer.includes(tag)),
    ...more.filter((tag) => !tags.includes(tag)),
  ];
  const change = (more: string[], fewer: string[]): void => {
    setAdded(more);
    setRemoved(fewer);
    draft.keep(changed(more, fewer));
  };
  const withNew = (): [added: string[], removed: string[]] => {
    const text = field.current?.value.trim() ?? "";
    if (!text) return [added, removed];
    return [[...added.filter((tag) => tag !== text), text], removed.filter((tag) => tag !== text)];
  };
  const add = (): void => {
    change(...withNew());
    if (field.current) field.current.value = "";
  };
  const remove = (tag: string): void => {
    change(
      added.filter((other) => other !== tag),
      [...removed, tag],
    );
    // the button that was pressed goes with its tag
    field.current?.focus();
  };
  const save = (): void => {
    if (draft.acts) draft.save(changed(...withNew()));
  };
  const onKeyDown = (event: KeyboardEvent): void =>
    fieldKeys(event, (key) => {
      const enter = key === "Enter" && event.target === field.current;
      if (key === "Escape") draft.leave();
      else if (enter && field.current?.value.trim()) add();
      else if (enter) save();
      else return false;
      return true;
    });
  return (
    <fieldset class="qjw-k-field" onKeyDown={onKeyDown}>
      <span class="qjw-k-tags">
        {changed(added, removed).map((tag) => (
          <span key={tag} class="qjw-k-tag">
            <span class="qjw-clip">{tag}</span>
            <button type="button" aria-label={`Remove tag ${tag}`} onClick={() => remove(tag)}>
              <Icon name="close" />
            </button>
          </span>
        ))}
      </span>
      <input ref={field} aria-label="Another tag" placeholder="Another tag" maxLength={86} />
      <IconButton icon="check" label="Save tags" disabled={!draft.acts} onClick={save} />
      <IconButton icon="close" label="Keep as it was" onClick={draft.leave} />
      {!draft.acts && <Unsaved />}
    </fieldset>
  );
}

function NoteLine({ note, editing }: { note: string; editing: Editing }) {
  const { draft, opener, onOpen } = useDraft(editing, "note", note);
  return (
    <div class="qjw-k-line">
      <span class="qjw-k-label">Note</span>
      {draft ? (
        <TextField label="Note" long draft={draft} />
      ) : (
        <>
          <span class={note ? "qjw-k-note" : "qjw-k-note qjw-2"}>{note || "none"}</span>
          {editing.acts && <Opener what="note" opener={opener} onClick={onOpen} />}
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
  useEffect(() => setAsked(false), [row.refused]);
  if (asking && open && editing.acts) {
    return (
      <fieldset
        class="qjw-k-acts qjw-k-ask"
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
