/** The small parts that the larger views share. */
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { copyText } from "./clipboard.ts";
import { freshWords, noteWords } from "./freshness.ts";
import { type IconName, shapesOf } from "./icons.ts";
import { type Freshness, type Model, onChange, type Row } from "./model.ts";
import { askLeave, offerOf } from "./notify.ts";
import { detailOf, lookOf } from "./status.ts";

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="qjw-i" viewBox="0 0 16 16" aria-hidden="true">
      {shapesOf(name).map(([Tag, attributes]) => (
        <Tag {...attributes} />
      ))}
    </svg>
  );
}

interface BadgeProps {
  row: Row;
  /** What stands beside the word: place in the queue, age, code. */
  detail?: string | null;
  /** Class of the table's cell that it is; without, it stands in a text. */
  cell?: string;
}

/** A job's status. */
export function Badge({ row, detail, cell }: BadgeProps) {
  const look = lookOf(row.status, row.cancelling);
  const going = look.icon === "cancelling";
  const looks = `qjw-badge qjw-st-${look.tone}`;
  return (
    <span class={cell ? `${cell} ${looks}` : looks} role={cell ? "gridcell" : undefined}>
      <Icon name={look.icon} />
      <b class={going ? "qjw-badge-going" : undefined}>{look.word}</b>
      {detail && !going && <span class="qjw-badge-x">{detail}</span>}
    </span>
  );
}

/** The badge of the one job a plot or histogram is about. */
export function JobBadge({ row, now }: { row: Row; now: number }) {
  return <Badge row={row} detail={row.status === "RUNNING" ? null : detailOf(row, now)} />;
}

/** How fresh the view is; what counts up or down is shown but not said. */
export function FreshMark({ fresh, now }: { fresh: Freshness; now: number }) {
  const words = freshWords(fresh, now);
  return (
    <span class="qjw-fresh">
      <span class="qjw-said" role="status">
        {fresh.state === "live" ? "live" : words.text}
      </span>
      {words.icon === "offline" ? (
        <span class="qjw-fresh-off" aria-hidden="true">
          <Icon name="offline" />
          {words.text}
        </span>
      ) : (
        <>
          <span class={words.icon === "live" ? "qjw-dot" : "qjw-dot qjw-dot-o"} />
          <span aria-hidden="true">{words.text}</span>
        </>
      )}
      {words.more && <span aria-hidden="true">· {words.more}</span>}
    </span>
  );
}

/** The notes under the header: what is wrong and what to do, and what needs a click. */
export function Trouble({ fresh, model }: { fresh: Freshness; model: Model }) {
  return (
    <>
      <FreshNote fresh={fresh} model={model} />
      <NoticeOffer model={model} />
    </>
  );
}

/** The button that lets the browser notify, where a job wants it. */
function NoticeOffer({ model }: { model: Model }) {
  const [, redraw] = useState({});
  // not after the painting, where a view that goes at once would still be called
  useLayoutEffect(() => onChange(model, ["notifying"], () => redraw({})), [model]);
  const offer = offerOf(model);
  if (offer === null) return null;
  return (
    <div class="qjw-note">
      <Icon name="bell" />
      <span>{offer.text}</span>
      <span class="qjw-grow" />
      {offer.act && (
        <button
          type="button"
          class="qjw-btn"
          onClick={() => void askLeave().then(() => redraw({}))}
        >
          {offer.act}
        </button>
      )}
    </div>
  );
}

function FreshNote({ fresh, model }: { fresh: Freshness; model: Model }) {
  const note = noteWords(fresh);
  if (note === null) return null;
  return (
    <div class={`qjw-note qjw-note-${note.tone}`}>
      {note.tone === "fail" && <Icon name="error" />}
      {note.tone === "plain" && <Icon name="offline" />}
      <span>{note.text}</span>
      <span class="qjw-grow" />
      {note.retry && (
        <button type="button" class="qjw-btn" onClick={() => model.send({ kind: "refresh" })}>
          <Icon name="refresh" />
          Retry now
        </button>
      )}
    </div>
  );
}

interface ButtonProps {
  icon: IconName;
  label: string;
  onClick: () => void;
  pressed?: boolean;
  disabled?: boolean;
  tabIndex?: number;
}

/** A square button that shows an icon and says its label. */
export function IconButton({ icon, label, onClick, pressed, disabled, tabIndex }: ButtonProps) {
  return (
    <button
      type="button"
      class="qjw-ib"
      title={label}
      aria-label={label}
      aria-pressed={pressed}
      disabled={disabled}
      tabIndex={tabIndex}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}

/** Returns whether something was just copied, and the function that copies. */
export function useCopy(text: () => string): [copied: boolean, copy: () => void] {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 1200);
    return () => clearTimeout(timer);
  }, [copied]);
  return [copied, () => void copyText(text()).then(setCopied)];
}

interface CopyProps {
  text: () => string;
  title?: string;
  children: ComponentChildren;
}

/** A button that copies a text, and shows for a moment that it has. */
export function CopyButton({ text, title, children }: CopyProps) {
  const [copied, copy] = useCopy(text);
  return (
    <button type="button" class="qjw-btn" title={title} onClick={copy}>
      <Icon name={copied ? "check" : "copy"} />
      {children}
    </button>
  );
}

interface AnswersProps {
  safe: string;
  act: string;
  onSafe: () => void;
  onAct: () => void;
}

/** The two answers to a question asked in place; the safe one has the focus. */
export function Answers({ safe, act, onSafe, onAct }: AnswersProps) {
  const focused = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => focused.current?.focus(), []);
  return (
    <>
      <span class="qjw-grow" />
      <button type="button" class="qjw-btn" ref={focused} onClick={onSafe}>
        {safe}
      </button>
      <button type="button" class="qjw-btn qjw-btn-solid" onClick={onAct}>
        {act}
      </button>
    </>
  );
}

/** A choice of a few things; only shown where there is more than one. */
export function Pick<T extends string | number>(props: {
  label: string;
  value: T;
  options: readonly (readonly [value: T, text: string])[];
  onPick: (value: T) => void;
}) {
  const { label, value, options, onPick } = props;
  const pick = (index: number): void => {
    const option = options[index];
    if (option) onPick(option[0]);
  };
  return (
    <span class="qjw-pick">
      <select aria-label={label} onChange={(event) => pick(event.currentTarget.selectedIndex)}>
        {options.map(([option, text]) => (
          <option key={option} selected={option === value}>
            {text}
          </option>
        ))}
      </select>
      <Icon name="down" />
    </span>
  );
}

/** Text in which `code` between backticks is set as code. */
export function Prose({ text }: { text: string }): ComponentChildren {
  return text
    .split("`")
    .map((part, i, parts) =>
      i % 2 === 1 && i < parts.length - 1 ? <code key={i}>{part}</code> : part,
    );
}
