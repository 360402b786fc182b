/** Which fields are drawn: a button with a list of them, each with a check mark. */
import { useEffect, useRef, useState } from "preact/hooks";
import { keepKey } from "../lib/keys.ts";
import { Icon } from "../lib/parts.tsx";

interface FieldPickProps {
  fields: readonly string[];
  shown: readonly string[];
  /** Draws these fields; the points come later. */
  onChoose: (fields: readonly string[]) => void;
}

export function FieldPick({ fields, shown, onChoose }: FieldPickProps) {
  const [open, setOpen] = useState(false);
  const place = useRef<HTMLSpanElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    const onPress = (event: Event): void => {
      if (!event.composedPath().includes(place.current as EventTarget)) setOpen(false);
    };
    document.addEventListener("pointerdown", onPress);
    return () => document.removeEventListener("pointerdown", onPress);
  }, [open]);
  if (fields.length < 2) return null;
  const text = shown.length === 1 ? shown[0] : `${shown.length} of ${fields.length} fields`;
  const toggle = (name: string): void => {
    const others = shown.filter((other) => other !== name);
    // one is always drawn
    if (others.length === shown.length) onChoose([...shown, name]);
    else if (others.length > 0) onChoose(others);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    keepKey(event, (key) => {
      if (key !== "Escape" || !open) return false;
      setOpen(false);
      button.current?.focus();
      return true;
    });
  };
  return (
    <span
      class="qjw-p-pick"
      ref={place}
      role="none"
      onKeyDown={onKeyDown}
      data-lm-suppress-shortcuts
    >
      <button
        ref={button}
        type="button"
        class="qjw-btn qjw-p-fields"
        aria-expanded={open}
        aria-label={`${shown.length === 1 ? "Fields" : text}: ${shown.join(", ")}`}
        onClick={() => setOpen(!open)}
      >
        <span class="qjw-clip">{text}</span>
        <Icon name="down" />
      </button>
      {open && (
        <fieldset class="qjw-p-menu">
          <legend class="qjw-said">Fields</legend>
          {fields.map((name) => (
            <label key={name}>
              <input
                type="checkbox"
                checked={shown.includes(name)}
                disabled={shown.length === 1 && shown[0] === name}
                onChange={() => toggle(name)}
              />
              <span class="qjw-clip">{name}</span>
            </label>
          ))}
        </fieldset>
      )}
    </span>
  );
}
