/**
 * A button with a panel of choices. The panel lies in the browser's top layer, so that no host cuts
 * it off; browsers without one get it within the view. It closes with Escape, with a press
 * elsewhere, and when the focus leaves.
 */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon } from "./parts.tsx";

const CONTROLS = "input:enabled, button:enabled";

interface MenuProps {
  /** What the button says, or only means when it shows something else. */
  label: string;
  /** What the button shows. */
  face: ComponentChildren;
  /** Class names of the button. */
  class?: string;
  title?: string;
  /** Which of its edges the panel shares with the button. */
  side?: "left" | "right";
  /** Returns the panel's content; called while it is open. */
  children: () => ComponentChildren;
}

export function Menu({ label, face, class: look = "qjw-fl", title, side, children }: MenuProps) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        class={open ? `${look} qjw-is-open` : look}
        title={title}
        aria-label={label}
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {face}
      </button>
      {open && (
        <Panel label={label} button={button} side={side ?? "left"} close={close} leave={setOpen}>
          {children()}
        </Panel>
      )}
    </>
  );
}

/** What a button with a panel shows: its word and that there is more. */
export function MenuFace({ word }: { word: string }) {
  return (
    <>
      {word}
      <Icon name="down" />
    </>
  );
}

interface PanelProps {
  label: string;
  button: { current: HTMLButtonElement | null };
  side: "left" | "right";
  /** Closes and gives the focus back. */
  close: () => void;
  /** Closes only. */
  leave: (open: false) => void;
  children: ComponentChildren;
}

function Panel({ label, button, side, close, leave, children }: PanelProps) {
  const panel = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const [el, opener] = [panel.current, button.current];
    if (!el || !opener) return undefined;
    el.showPopover?.();
    place(el, opener, side);
    el.querySelector<HTMLElement>(CONTROLS)?.focus({ preventScroll: true });
    // a press elsewhere, also outside of a shadow root, where its path tells what was pressed
    const onPress = (event: Event): void => {
      const path = event.composedPath();
      if (!path.includes(el) && !path.includes(opener)) leave(false);
    };
    const onMove = (event: Event): void => {
      const [moved] = event.composedPath();
      if (moved instanceof Node && moved.contains(opener)) leave(false);
    };
    document.addEventListener("pointerdown", onPress, true);
    document.addEventListener("scroll", onMove, true);
    return () => {
      document.removeEventListener("pointerdown", onPress, true);
      document.removeEventListener("scroll", onMove, true);
    };
  }, []);
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === "Escape") {
      event.stopPropagation();
      event.preventDefault();
      close();
    }
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0 || !panel.current) return;
    event.preventDefault();
    event.stopPropagation();
    move(panel.current, step);
  };
  const onFocusOut = (event: FocusEvent): void => {
    const to = event.relatedTarget;
    if (to instanceof Node && !panel.current?.contains(to) && to !== button.current) leave(false);
  };
  return (
    <div
      ref={panel}
      class="qjw-menu"
      role="dialog"
      aria-label={label}
      // a press on a word of it is not one on the cell around, which would take the focus
      tabIndex={-1}
      popover="manual"
      onKeyDown={onKey}
      onFocusOut={onFocusOut}
    >
      {children}
    </div>
  );
}

/** Move the focus between the panel's controls. */
function move(panel: HTMLElement, step: number): void {
  const controls = [...panel.querySelectorAll<HTMLElement>(CONTROLS)];
  const root = panel.getRootNode() as Document | ShadowRoot;
  const at = controls.indexOf(root.activeElement as HTMLElement);
  controls[(at + step + controls.length) % controls.length]?.focus();
}

/**
 * Put the panel below its button, or above where there is no room; in a window that has room for
 * neither, as high as it can all be seen.
 */
function place(panel: HTMLElement, button: HTMLElement, side: "left" | "right"): void {
  const at = button.getBoundingClientRect();
  const inLayer = typeof panel.showPopover === "function";
  const around = inLayer
    ? { left: 0, top: 0 }
    : (button.closest(".qjw")?.getBoundingClientRect() ?? { left: 0, top: 0 });
  const { offsetWidth: width, offsetHeight: height } = panel;
  const left = side === "left" ? at.left : at.right - width;
  const [below, above] = [at.bottom + 3, at.top - height - 3];
  const lowest = innerHeight - height - 4;
  const top = below <= lowest ? below : above >= 0 ? above : Math.max(4, lowest);
  const inside = Math.max(4, Math.min(left, innerWidth - width - 4));
  panel.style.position = inLayer ? "fixed" : "absolute";
  panel.style.left = `${inside - around.left}px`;
  panel.style.top = `${top - around.top}px`;
}

interface CheckProps {
  checked: boolean;
  disabled?: boolean;
  onToggle: () => void;
  /** How many there are. */
  n?: number;
  children: ComponentChildren;
}

/** A line of a panel that can be chosen beside others. */
export function MenuCheck({ checked, disabled, onToggle, n, children }: CheckProps) {
  return (
    <label class="qjw-mi">
      <input
        type="checkbox"
        class="qjw-cb"
        checked={checked}
        disabled={disabled}
        onChange={onToggle}
      />
      <span class="qjw-clip">{children}</span>
      <span class="qjw-grow" />
      {n !== undefined && <span class="qjw-2">{n}</span>}
    </label>
  );
}

/** A line of a panel that does something. */
export function MenuAct({
  onClick,
  children,
}: {
  onClick: () => void;
  children: ComponentChildren;
}) {
  return (
    <button type="button" class="qjw-mi qjw-mi-act" onClick={onClick}>
      {children}
    </button>
  );
}
