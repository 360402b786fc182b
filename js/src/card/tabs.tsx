/** The tabs of a card: one is open, arrow keys move between them. */
import { useRef } from "preact/hooks";
import { keepKey } from "../lib/keys.ts";
import type { Tab } from "./model.ts";

export interface TabInfo {
  tab: Tab;
  label: string;
  /** Whether something moves in it now. */
  live?: boolean;
}

interface TabsProps {
  id: string;
  tabs: readonly TabInfo[];
  open: Tab;
  onOpen: (tab: Tab) => void;
}

export function Tabs({ id, tabs, open, onOpen }: TabsProps) {
  const list = useRef<HTMLDivElement>(null);
  const go = (place: number): boolean => {
    const next = tabs[(place + tabs.length) % tabs.length];
    if (!next) return false;
    onOpen(next.tab);
    list.current?.querySelector<HTMLElement>(`[data-tab="${next.tab}"]`)?.focus();
    return true;
  };
  const onKey = (key: string): boolean => {
    const at = tabs.findIndex(({ tab }) => tab === open);
    if (key === "ArrowRight") return go(at + 1);
    if (key === "ArrowLeft") return go(at - 1);
    if (key === "Home") return go(0);
    if (key === "End") return go(tabs.length - 1);
    return false;
  };
  return (
    <div
      class="qjw-k-tabs"
      role="tablist"
      aria-label="Parts of the job"
      ref={list}
      onKeyDown={(event) => keepKey(event, onKey)}
    >
      {tabs.map(({ tab, label, live }) => (
        <button
          key={tab}
          type="button"
          role="tab"
          id={`${id}-${tab}`}
          data-tab={tab}
          class={tab === open ? "qjw-k-tab qjw-is-on" : "qjw-k-tab"}
          aria-selected={tab === open}
          tabIndex={tab === open ? 0 : -1}
          onClick={() => onOpen(tab)}
        >
          {label}
          {live && <i class="qjw-k-live" title="changing now" />}
        </button>
      ))}
    </div>
  );
}
