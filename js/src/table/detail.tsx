/** What the row of an opened job says beside its cells, in a table that opens no card. */
import type { ComponentChildren } from "preact";
import type { Row } from "../lib/model.ts";
import { CopyButton, Icon } from "../lib/parts.tsx";
import { date, duration, took, UNKNOWN, usage } from "../lib/words.ts";
import { ranFor } from "./clock.ts";
import { asCode } from "./export.ts";
import { canCancel, type RowContext } from "./row.tsx";

export function Detail({ row, context }: { row: Row; context: RowContext }) {
  const ran = ranFor(row, context.until);
  const waited =
    row.created === null ? null : (row.started ?? row.finished ?? context.until) - row.created;
  return (
    <div class="qjw-detail" role="gridcell">
      <dl class="qjw-facts">
        <Fact name="Job">
          <span class="qjw-id">{row.id}</span>
        </Fact>
        <Fact name="Program">{row.program ?? UNKNOWN}</Fact>
        <Fact name="Backend">{row.backend ?? UNKNOWN}</Fact>
        {row.session && (
          <Fact name={context.modes[row.session] === "batch" ? "Batch" : "Session"}>
            <span class="qjw-id">{row.session}</span>
          </Fact>
        )}
        <Fact name="Created">{row.created === null ? UNKNOWN : date(row.created)}</Fact>
        <Fact name="Waited">{waited === null ? UNKNOWN : duration(waited / 1000)}</Fact>
        <Fact name="Ran">
          {ran === null ? UNKNOWN : took(ran)}
          {row.estimate !== null && ` of about ${duration(row.estimate)}`}
        </Fact>
        {row.usage !== null && <Fact name="Usage">{usage(row.usage)}</Fact>}
        {row.tags.length > 0 && (
          <Fact name="Tags">
            <span class="qjw-tags qjw-tags-all">
              {row.tags.map((tag) => (
                <span key={tag} class="qjw-tag">
                  {tag}
                </span>
              ))}
            </span>
          </Fact>
        )}
      </dl>
      <div class="qjw-detail-acts">
        {context.acts && canCancel(row) && (
          <button type="button" class="qjw-btn" onClick={() => context.ask(row.id)}>
            <Icon name="stop" />
            Cancel…
          </button>
        )}
        <CopyButton text={() => row.id}>Copy id</CopyButton>
        <CopyButton text={() => asCode([row.id])}>Copy code</CopyButton>
      </div>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
