/** What the panes of a card share: what they are given, and what they say when there is nothing. */
import type { ComponentChildren } from "preact";
import type { Model, Row } from "../lib/model.ts";
import { Icon } from "../lib/parts.tsx";
import type { CardTraits, Detail } from "./model.ts";

export interface PaneProps {
  row: Row;
  traits: CardTraits;
  model: Model;
  /** Whether the kernel can be told anything. */
  acts: boolean;
}

/** What a detail says when there is nothing of it to show, with what to do. */
export function Absent({
  detail,
  what,
  waiting,
  children,
  pane,
}: {
  detail: Partial<Detail<unknown>>;
  what: string;
  waiting: string;
  children?: ComponentChildren;
  pane: PaneProps;
}) {
  const { model, row, acts } = pane;
  const again = (): void => model.send({ kind: "again", job: row.id, what });
  if (detail.state === "failed") {
    return (
      <div class="qjw-k-none">
        <span class="qjw-fail">
          <Icon name="error" />
        </span>
        <span>{detail.message}</span>
        {acts && (
          <button type="button" class="qjw-btn" onClick={again}>
            <Icon name="refresh" />
            Try again
          </button>
        )}
      </div>
    );
  }
  const text = acts ? waiting : "This was not fetched while the kernel ran. Run the cell again.";
  return <div class="qjw-k-none qjw-2">{children || text}</div>;
}
