/** One line about the account: channel, instance, backends with their queues, requests. */
import type { Cell } from "../lib/cell.ts";
import { number, shortId } from "../lib/words.ts";

export interface Account {
  channel?: string;
  instance?: string | null;
  backends?: { name: string; status: string | null; queue: number | null }[];
  requests?: number;
  budget?: number;
}

interface StripProps {
  account: Cell<Account>;
  /** Whether there is a kernel that asks the service. */
  asks: boolean;
}

export function Strip({ account, asks }: StripProps) {
  const { channel, instance, backends = [], requests, budget } = account.value;
  return (
    <div class="qjw-strip">
      <span title={instance ?? undefined}>
        <b>{channel ?? "–"}</b>
        {instance && ` ${shortInstance(instance)}`}
      </span>
      {asks && budget !== undefined && (
        <span title="Requests of the last minute, and the most there may be">
          <b>{number(requests ?? 0)}</b> of {number(budget)} requests/min
        </span>
      )}
      <span class="qjw-grow" />
      <span class="qjw-strip-b">
        {backends.map(({ name, status, queue }) => (
          <span key={name}>
            <b>{name}</b>{" "}
            {status && status !== "online" ? (
              <span class="qjw-strip-off">{status}</span>
            ) : queue ? (
              `${number(queue)} queued`
            ) : (
              "idle"
            )}
          </span>
        ))}
      </span>
    </div>
  );
}

/** The instance's own part of a CRN. */
function shortInstance(crn: string): string {
  return shortId(crn.split(":").filter(Boolean)[7] ?? crn);
}
