/**
 * Texts edited in place: shown as they are, a field while edited, the old text after a refusal.
 *
 * What was typed is kept until it is saved or thrown away: it is there again after a refusal, and
 * when the card comes back to the job from another one.
 */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Model } from "../lib/model.ts";
import { Icon, IconButton } from "../lib/parts.tsx";
import type { Edit, Field } from "./model.ts";

/** What the parts of a card need to edit something. */
export interface Editing {
  model: Model;
  job: string;
  /** Whether the kernel can be told anything. */
  acts: boolean;
  edits: Partial<Record<Field, Edit>>;
}

/** What was typed and is not known to be saved, by job and field. */
type Drafts = Map<string, string | string[]>;

/** Those of each card; a dashboard's comes and goes. */
const drafted = new WeakMap<Model, Drafts>();

function draftsOf(model: Model): Drafts {
  const drafts = drafted.get(model) ?? new Map();
  drafted.set(model, drafts);
  return drafts;
}

/** One edit, from the press of its button to its end. */
export interface Draft<T> {
  /** What the field begins with. */
  start: T;
  /** Whether the reader has just asked for the field, which then takes the focus. */
  asked: boolean;
  /** Whether there is a kernel to save it. */
  acts: boolean;
  /** Keep what is typed so far. */
  keep(value: T): void;
  save(value: T): void;
  /** Throw it away. */
  leave(): void;
}

/** Returns the edit of a field while it is open, and its button, which has the focus back then. */
export function useDraft<T extends string | string[]>(editing: Editing, what: Field, value: T) {
  const { model, edits, acts } = editing;
  const drafts = draftsOf(model);
  const key = `${editing.job} ${what}`;
  const kept = drafts.get(key) as T | undefined;
  const [open, setOpen] = useState(kept !== undefined && !alike(kept, value));
  const [asked, ask] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(open);
  useLayoutEffect(() => {
    if (!open && wasOpen.current) opener.current?.focus();
    wasOpen.current = open;
  }, [open]);
  const state = edits[what]?.state;
  useEffect(() => {
    if (state === "saved" && !open) drafts.delete(key);
  }, [state]);
  const draft: Draft<T> = {
    start: kept ?? value,
    asked,
    acts,
    keep: (next) => void drafts.set(key, next),
    save: (next) => {
      if (alike(next, value)) drafts.delete(key);
      else {
        drafts.set(key, next);
        model.send({ kind: "edit", job: editing.job, what, value: next });
      }
      setOpen(false);
    },
    leave: () => {
      drafts.delete(key);
      setOpen(false);
    },
  };
  const onOpen = (): void => {
    ask(true);
    setOpen(true);
  };
  return { draft: open ? draft : null, opener, onOpen };
}

function alike(one: string | string[], other: string | string[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Handles the keys of a field; those with which one picks letters to write are the browser's. */
export function fieldKeys(event: KeyboardEvent, handle: (key: string) => boolean): void {
  if (event.isComposing || !handle(event.key)) return;
  event.preventDefault();
  event.stopPropagation();
}

/** Says beside a field why it can't be saved. */
export function Unsaved() {
  return <span class="qjw-fail">Not saved: the kernel has stopped. Copy what you need.</span>;
}

/** What became of an edit, in the place of the text or beside it. */
export function Outcome({ edit }: { edit: Edit | undefined }) {
  return (
    <span role="status" class="qjw-k-out">
      {edit?.state === "saving" && "saving…"}
      {edit?.state === "refused" && <span class="qjw-fail">{edit.message}</span>}
    </span>
  );
}

interface OpenerProps {
  what: string;
  opener: { current: HTMLButtonElement | null };
  onClick: () => void;
}

export function Opener({ what, opener, onClick }: OpenerProps) {
  return (
    <button
      type="button"
      class="qjw-ib qjw-k-pen"
      ref={opener}
      title={`Edit ${what}`}
      aria-label={`Edit ${what}`}
      onClick={onClick}
    >
      <Icon name="edit" />
    </button>
  );
}

interface FieldProps {
  label: string;
  draft: Draft<string>;
  long?: boolean;
}

/** A field with its two buttons; Enter saves, Escape leaves the text as it was. */
export function TextField({ label, draft, long }: FieldProps) {
  const field = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const [start] = useState(draft.start);
  useLayoutEffect(() => {
    if (!draft.asked) return;
    field.current?.focus();
    field.current?.select();
  }, []);
  const text = (): string => field.current?.value ?? start;
  const save = (): void => {
    if (draft.acts) draft.save(text().trim());
  };
  const onKeyDown = (event: KeyboardEvent): void =>
    fieldKeys(event, (key) => {
      const enter = key === "Enter" && (!long || event.ctrlKey || event.metaKey);
      if (enter && event.target === field.current) save();
      else if (key === "Escape") draft.leave();
      else return false;
      return true;
    });
  const shared = {
    ref: field,
    "aria-label": label,
    defaultValue: start,
    onInput: () => draft.keep(text()),
  };
  return (
    <fieldset class="qjw-k-field" onKeyDown={onKeyDown}>
      {long ? (
        <textarea {...shared} rows={2} maxLength={10_000} />
      ) : (
        <input {...shared} maxLength={200} />
      )}
      <IconButton icon="check" label="Save" disabled={!draft.acts} onClick={save} />
      <IconButton icon="close" label="Keep as it was" onClick={draft.leave} />
      {!draft.acts && <Unsaved />}
    </fieldset>
  );
}
