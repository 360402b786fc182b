/** The bar under the header: search, one panel of choices for each fact, and grouping. */
import type { RefObject } from "preact";
import { useRef } from "preact/hooks";
import { keepKey } from "../lib/keys.ts";
import { Menu, MenuAct, MenuCheck, MenuFace } from "../lib/menu.tsx";
import { Icon, IconButton, Pick } from "../lib/parts.tsx";
import { lookOf } from "../lib/status.ts";
import { number, shortId } from "../lib/words.ts";
import type { Known } from "./book.ts";
import { CHOICES, type Choice, type Filter, GROUPS, type Group, having, toggled } from "./query.ts";
import type { TableStore } from "./store.ts";

const WORDS: Record<Choice, string> = {
  status: "Status",
  backend: "Backend",
  program: "Program",
  tag: "Tag",
  session: "Session",
};
const STATUSES = ["RUNNING", "QUEUED", "INITIALIZING", "DONE", "ERROR", "CANCELLED"];
const PENDING = ["RUNNING", "QUEUED", "INITIALIZING"];
/** Values listed in a panel; of more, the most frequent. */
const MOST = 100;

interface FilterBarProps {
  store: TableStore;
  known: Known | null;
  search: RefObject<HTMLInputElement | null>;
  /** Leaves the search for the rows. */
  toRows: () => void;
}

export function FilterBar({ store, known, search, toRows }: FilterBarProps) {
  const filter = store.filter.value;
  const set = (next: Filter): void => store.put("filter", next);
  const grouped = known !== null && GROUPS.some((group) => offers(known, store, group));
  return (
    <div class="qjw-bar qjw-bar-low">
      <Search filter={filter} set={set} search={search} toRows={toRows} />
      <div class="qjw-fls">
        {known &&
          CHOICES.filter((choice) => filter[choice] || known.facets.of(choice).size > 1).map(
            (choice) => (
              <ChoiceMenu
                key={choice}
                choice={choice}
                store={store}
                known={known}
                filter={filter}
                set={set}
              />
            ),
          )}
        {known && <CreatedMenu filter={filter} set={set} />}
        <span class="qjw-grow" />
        {grouped && (
          <Pick<Group | "">
            label="Group by"
            value={store.group.value ?? ""}
            options={[
              ["", "Not grouped"],
              ...GROUPS.filter((group) => offers(known as Known, store, group)).map(
                (group) => [group, `Group by ${group}`] as const,
              ),
            ]}
            onPick={(group) => store.put("group", group || null)}
          />
        )}
      </div>
    </div>
  );
}

/** Whether rows can be grouped so, or are. */
function offers(known: Known, store: TableStore, group: Group): boolean {
  const fact = group === "tag" ? "tag" : "session";
  return store.group.value === group || known.facets.of(fact).size > 0;
}

interface SearchProps {
  filter: Filter;
  set: (filter: Filter) => void;
  search: RefObject<HTMLInputElement | null>;
  toRows: () => void;
}

function Search({ filter, set, search, toRows }: SearchProps) {
  const onKey = (key: string): boolean => {
    if (key === "Escape" && filter.text) set(having(filter, "text", undefined));
    else if (key === "Escape" || key === "ArrowDown" || key === "Enter") toRows();
    else return false;
    return true;
  };
  return (
    <label class="qjw-search">
      <Icon name="search" />
      <input
        ref={search}
        type="text"
        aria-label="Search id, tag, program, backend or session"
        placeholder="Id, tag or backend"
        value={filter.text ?? ""}
        spellcheck={false}
        autocomplete="off"
        onInput={(event) => set(having(filter, "text", event.currentTarget.value))}
        onKeyDown={(event) => keepKey(event, onKey)}
      />
    </label>
  );
}

interface ChoiceProps {
  choice: Choice;
  store: TableStore;
  known: Known;
  filter: Filter;
  set: (filter: Filter) => void;
}

function ChoiceMenu({ choice, store, known, filter, set }: ChoiceProps) {
  const chosen = filter[choice] ?? [];
  const clear = (): void => set(having(filter, choice, undefined));
  const word = WORDS[choice];
  const [only] = chosen;
  const says =
    chosen.length > 1
      ? `${word}: ${chosen.length}`
      : choice === "session"
        ? shortId(only ?? "")
        : only;
  return (
    <Chip on={chosen.length > 0} word={word} says={says ?? ""} clear={clear}>
      {() => {
        store.wantRest();
        return (
          <>
            <Options
              choice={choice}
              known={known}
              chosen={chosen}
              toggle={(value) => set(toggled(filter, choice, value))}
            />
            <hr />
            <div class="qjw-mi-foot">
              {choice === "status" ? (
                <button
                  type="button"
                  class="qjw-link"
                  onClick={() => set(having(filter, "status", PENDING))}
                >
                  Only pending
                </button>
              ) : (
                <span />
              )}
              <button type="button" class="qjw-link" onClick={clear}>
                Clear
              </button>
            </div>
          </>
        );
      }}
    </Chip>
  );
}

interface OptionsProps {
  choice: Choice;
  known: Known;
  chosen: readonly string[];
  toggle: (value: string) => void;
}

/**
 * The values of a fact with how many rows have each. While the panel is open they stay where they are,
 * under the pointer and with the focus; what comes is put at the end.
 */
function Options({ choice, known, chosen, toggle }: OptionsProps) {
  const listed = useRef<readonly string[]>([]);
  const counts = choice === "status" ? known.counts : known.facets.of(choice);
  listed.current = [...new Set([...listed.current, ...chosen, ...valuesIn(choice, counts)])];
  return listed.current.map((value) => (
    <MenuCheck
      key={value}
      checked={chosen.includes(value)}
      n={counts.get(value) ?? 0}
      onToggle={() => toggle(value)}
    >
      {choice === "status" ? <StatusWord status={value} /> : value}
    </MenuCheck>
  ));
}

/** Return the values to choose from: the known statuses in their order, others by how many have them. */
function valuesIn(choice: Choice, counts: ReadonlyMap<string, number>): string[] {
  const words = choice === "status" ? STATUSES.filter((status) => counts.has(status)) : [];
  const others = [...counts.keys()].filter((value) => !words.includes(value));
  if (choice !== "status") others.sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0));
  return [...words, ...others.slice(0, MOST)];
}

function StatusWord({ status }: { status: string }) {
  const look = lookOf(status, false);
  return (
    <span class={`qjw-badge qjw-st-${look.tone}`}>
      <Icon name={look.icon} />
      <b>{look.word}</b>
    </span>
  );
}

interface ChipProps {
  on: boolean;
  word: string;
  /** What it says when on. */
  says: string;
  clear: () => void;
  children: () => preact.ComponentChildren;
}

/** A filter's button; when it filters, what by, with a button that clears it. */
function Chip({ on, word, says, clear, children }: ChipProps) {
  const name = word.toLowerCase();
  return (
    <span class={on ? "qjw-chip" : undefined}>
      <Menu
        label={on ? `Filter by ${name}: ${says}` : `Filter by ${name}`}
        class={on ? "qjw-fl qjw-fl-on" : "qjw-fl"}
        face={on ? <span class="qjw-clip">{says}</span> : <MenuFace word={word} />}
      >
        {children}
      </Menu>
      {on && <IconButton icon="close" label={`Clear filter ${name}`} onClick={clear} />}
    </span>
  );
}

const DAY = 86_400_000;

/** Return the local day of a time as date inputs have it: "2026-11-20". */
function dayOf(iso: string | undefined, shift = 0): string {
  if (iso === undefined) return "";
  const at = new Date(Date.parse(iso) + shift);
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** Return when a local day begins, or the one after it. */
function startOf(day: string, later = 0): string | undefined {
  const [year, month, date] = day.split("-").map(Number);
  if (!year || !month || !date) return undefined;
  return new Date(year, month - 1, date + later).toISOString();
}

function CreatedMenu({ filter, set }: { filter: Filter; set: (filter: Filter) => void }) {
  const between = (since: string | undefined, until: string | undefined): void =>
    set(having(having(filter, "since", since), "until", until));
  const lastDays = (n: number): void =>
    between(startOf(dayOf(new Date(Date.now() - (n - 1) * DAY).toISOString())), undefined);
  // the end is exclusive: the last day is the one before it
  const [from, to] = [dayOf(filter.since), dayOf(filter.until, -1)];
  const on = filter.since !== undefined || filter.until !== undefined;
  const says = from && to ? `${from} – ${to}` : from ? `since ${from}` : `until ${to}`;
  return (
    <Chip on={on} word="Created" says={says} clear={() => between(undefined, undefined)}>
      {() => (
        <>
          <MenuAct onClick={() => lastDays(1)}>Today</MenuAct>
          <MenuAct onClick={() => lastDays(7)}>Last 7 days</MenuAct>
          <MenuAct onClick={() => lastDays(30)}>Last 30 days</MenuAct>
          <hr />
          <label class="qjw-mi">
            From
            <span class="qjw-grow" />
            <input
              type="date"
              class="qjw-date"
              value={from}
              onChange={(event) => between(startOf(event.currentTarget.value), filter.until)}
            />
          </label>
          <label class="qjw-mi">
            To
            <span class="qjw-grow" />
            <input
              type="date"
              class="qjw-date"
              value={to}
              onChange={(event) => between(filter.since, startOf(event.currentTarget.value, 1))}
            />
          </label>
        </>
      )}
    </Chip>
  );
}

/** Return in words how much of what there is is shown: "Showing 12 of 64". */
export function shownOf(known: Known, all: number): string {
  const here = known.listed.length;
  return here < all ? `Showing ${number(here)} of ${number(all)}` : `Showing all ${number(all)}`;
}
