/** Texts edited in place: shown as they are, a field while edited, the old text after a refusal. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
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

/** Send an edit to the kernel. */
export function send(editing: Editing, what: Field, value: string | string[]): void {
  editing.model.send({ kind: "edit", job: editing.job, what, value });
}

/** Opens the field, has the focus back when it closes. */
export function useOpen() {
  const [open, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const returning = useRef(false);
  useLayoutEffect(() => {
    if (!open && returning.current) opener.current?.focus();
    returning.current = open;
  }, [open]);
  return { open, setOpen, opener };
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
  value: string;
  long?: boolean;
  onSave: (value: string) => void;
  onClose: () => void;
}

/** A field with its two buttons; Enter saves, Escape leaves the text as it was. */
export function TextField({ label, value, long, onSave, onClose }: FieldProps) {
  const field = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  useLayoutEffect(() => field.current?.select(), []);
  const save = (): void => {
    const text = field.current?.value.trim() ?? value;
    if (text !== value) onSave(text);
    onClose();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape") onClose();
    else if (event.key === "Enter" && (!long || event.ctrlKey || event.metaKey)) save();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const shared = { ref: field, "aria-label": label, defaultValue: value, onKeyDown };
  return (
    <span class="qjw-k-field" data-lm-suppress-shortcuts>
      {long ? (
        <textarea {...shared} rows={2} maxLength={10_000} />
      ) : (
        <input {...shared} maxLength={200} />
      )}
      <IconButton icon="check" label="Save" onClick={save} />
      <IconButton icon="close" label="Keep as it was" onClick={onClose} />
    </span>
  );
}
