/**
 * StatusBadge: one job's status, its detail (place in the queue, age of the run, error code) and
 * why it failed; inside a line of text only the status, with the rest as its tooltip. Plain DOM: the
 * smallest of the bundles, since notebooks hold many.
 */
import { freshWords, knownUntil, noteWords } from "./lib/freshness.ts";
import { type IconName, shapesOf } from "./lib/icons.ts";
import { type Freshness, freshnessOf, type Model, onChange, type Row } from "./lib/model.ts";
import { askLeave, type Offer, offerOf } from "./lib/notify.ts";
import { detailOf, isFinal, lookOf } from "./lib/status.ts";
import { define, type State, type View } from "./lib/widget.ts";
import { shortId } from "./lib/words.ts";

type Child = Node | string | null;

function node(tag: string, className: string, ...children: Child[]): HTMLElement {
  const el = document.createElement(tag);
  if (className) el.className = className;
  el.append(...children.filter((child) => child !== null));
  return el;
}

function icon(name: IconName): SVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [key, value] of [
    ["class", "qjw-i"],
    ["viewBox", "0 0 16 16"],
    ["aria-hidden", "true"],
  ] as const) {
    svg.setAttribute(key, value);
  }
  for (const [tag, attributes] of shapesOf(name)) {
    const shape = document.createElementNS(svg.namespaceURI, tag);
    for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, String(value));
    svg.append(shape);
  }
  return svg as SVGElement;
}

function badge(row: Row, now: number): HTMLElement {
  const look = lookOf(row.status, row.cancelling);
  const word = node("b", look.icon === "cancelling" ? "qjw-badge-going" : "", look.word);
  const detail = look.icon === "cancelling" ? null : detailOf(row, now);
  const more = detail === null ? null : node("span", "qjw-badge-x", detail);
  return node("span", `qjw-badge qjw-badge-chip qjw-st-${look.tone}`, icon(look.icon), word, more);
}

/** How fresh it is; what to do about it is in its tooltip, as a line has no room for it. */
function freshMark(fresh: Freshness, now: number): HTMLElement {
  const { icon: look, text, more } = freshWords(fresh, now);
  const countdown = more && node("span", "qjw-fresh-more", `· ${more}`);
  const mark =
    look === "offline"
      ? node("span", "qjw-fresh", node("span", "qjw-fresh-off", icon("offline"), text), countdown)
      : node("span", "qjw-fresh", node("span", "qjw-dot qjw-dot-o"), text);
  mark.title = noteWords(fresh)?.text ?? "";
  return mark;
}

function place(row: Row): string {
  return [row.program, row.backend && `on ${row.backend}`].filter(Boolean).join(" ");
}

function firstLine(row: Row, fresh: Freshness, now: number): HTMLElement {
  const words = freshWords(fresh, now);
  // a finished job stays what it is, however old the look at it
  const quiet = words.icon === "live" || isFinal(row.status);
  const id = node("span", "qjw-id", shortId(row.id));
  id.title = row.id;
  return node(
    "div",
    "qjw-line1",
    badge(row, knownUntil(fresh, now)),
    id,
    node("span", "qjw-sub qjw-2 qjw-sm qjw-clip", place(row)),
    quiet ? null : freshMark(fresh, now),
  );
}

/** What is known beside the status, for the tooltip of a badge in a line of text. */
function tip(row: Row, fresh: Freshness, now: number): string {
  const why = row.status === "ERROR" ? [row.reason, row.advice] : [];
  const stale = fresh.state !== "live" && !isFinal(row.status);
  return [row.id, place(row), ...why, row.note, stale && freshWords(fresh, now).text]
    .filter(Boolean)
    .join(" · ");
}

/** A badge inside a line of text: its tooltip is said too, for who can't point at it. */
function inlineBadge(row: Row, fresh: Freshness, now: number): HTMLElement {
  const chip = badge(row, knownUntil(fresh, now));
  chip.title = tip(row, fresh, now);
  chip.append(node("span", "qjw-said", ` ${chip.title}`));
  return chip;
}

function reason(row: Row): HTMLElement | null {
  if (row.status === "ERROR" && row.reason) {
    return node("div", "qjw-reason", node("b", "", row.reason), row.advice);
  }
  return row.note ? node("div", "qjw-reason", row.note) : null;
}

/** The line that lets the browser notify of the job. */
function offerLine(offer: Offer, answered: () => void): HTMLElement {
  const line = node("div", "qjw-offer", icon("bell"), offer.text);
  if (offer.act !== null) {
    const button = node("button", "", offer.act) as HTMLButtonElement;
    button.type = "button";
    button.addEventListener("click", () => void askLeave().then(answered));
    line.append(button);
  }
  return line;
}

/** Bring the parts up to date that count, without touching those that pulse. */
function tick(body: HTMLElement, row: Row, fresh: Freshness, now: number): void {
  const detail = body.querySelector(".qjw-badge-x");
  if (detail) detail.textContent = detailOf(row, knownUntil(fresh, now));
  body.querySelector(".qjw-fresh")?.replaceWith(freshMark(fresh, now));
}

function mount(_: State, model: Model, view: View): void {
  view.root.setAttribute("role", "group");
  const announcer = node("span", "qjw-said");
  announcer.setAttribute("role", "status");
  const inline = model.get("inline") === true;
  const body = node(inline ? "span" : "div", "");
  view.root.append(body, announcer);
  view.root.classList.toggle("qjw-inline", inline);
  // in a line of words it takes no more than its own
  view.root.parentElement?.classList.toggle("qjw-place", !inline);
  let timer = 0;
  let drawn = "";
  const draw = (): void => {
    const row = model.get("job") as Row;
    const fresh = freshnessOf(model);
    const shown: Freshness = view.connected() ? fresh : { ...fresh, state: "gone" };
    const now = Date.now();
    const offer = inline ? null : offerOf(model);
    const facts = JSON.stringify([row, shown.state, freshWords(shown, now).icon, offer]);
    if (facts === drawn) tick(body, row, shown, now);
    else {
      const why = inline ? null : reason(row);
      const line = inline ? inlineBadge(row, shown, now) : firstLine(row, shown, now);
      const more = offer && offerLine(offer, draw);
      body.replaceChildren(...[line, why, more].filter((child) => child !== null));
      drawn = facts;
    }
    view.root.classList.toggle("qjw-stale", shown.state !== "live");
    view.root.dataset.job = row.id;
    view.root.dataset.status = row.status;
    const said = lookOf(row.status, row.cancelling).word;
    if (announcer.textContent !== said) announcer.textContent = said;
    window.clearTimeout(timer);
    if (!isFinal(row.status)) timer = window.setTimeout(draw, 1000);
  };
  view.onHost(draw);
  view.onLeave(onChange(model, ["job", "freshness", "notifying"], draw));
  view.onLeave(() => window.clearTimeout(timer));
  draw();
}

export default define(() => ({ close: () => {} }), mount);
