/** Which jobs a table shows, in the words of `qjobwidgets/render/query.py`. Pure. */
import type { Row } from "../lib/model.ts";

/** Facts one chooses values of. */
export const CHOICES = ["status", "backend", "program", "tag", "session"] as const;

export type Choice = (typeof CHOICES)[number];

/** What a job has to satisfy; only the keys that filter are there. */
export type Filter = { [key in Choice]?: string[] } & {
  text?: string;
  /** Created at or after, and before; ISO 8601. */
  since?: string;
  until?: string;
};

export const GROUPS = ["session", "batch", "tag"] as const;

export type Group = (typeof GROUPS)[number];

/** Return the values a row has of a fact. */
function valuesOf(row: Row, choice: Choice): readonly string[] {
  const value = choice === "tag" ? row.tags : row[choice];
  if (value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** Return whether a row satisfies the filter. */
export function matcher(filter: Filter): (row: Row) => boolean {
  const text = filter.text?.toLowerCase() ?? "";
  const wanted = CHOICES.filter((choice) => filter[choice]?.length).map(
    (choice) => [choice, new Set(filter[choice])] as const,
  );
  const since = filter.since === undefined ? -Infinity : Date.parse(filter.since);
  const until = filter.until === undefined ? Infinity : Date.parse(filter.until);
  const dated = filter.since !== undefined || filter.until !== undefined;
  return (row) =>
    (text === "" || textsOf(row).some((fact) => fact.toLowerCase().includes(text))) &&
    wanted.every(([choice, values]) => valuesOf(row, choice).some((value) => values.has(value))) &&
    (!dated || (row.created !== null && row.created >= since && row.created < until));
}

function textsOf(row: Row): string[] {
  const named = [row.id, row.program, row.backend, row.session];
  return [...named.filter((fact) => fact !== null), ...row.tags];
}

/** Return the filter with one key set anew; an empty value takes the key away. */
export function having<Key extends keyof Filter>(
  filter: Filter,
  key: Key,
  value: Filter[Key],
): Filter {
  const { [key]: _, ...rest } = filter;
  return value === undefined || value.length === 0 ? (rest as Filter) : { ...rest, [key]: value };
}

/** Return the filter with a value chosen that was not, or the other way round. */
export function toggled(filter: Filter, choice: Choice, value: string): Filter {
  const chosen = filter[choice] ?? [];
  const next = chosen.includes(value) ? chosen.filter((v) => v !== value) : [...chosen, value];
  return having(filter, choice, next);
}

/** Return the groups a row belongs to. */
export function groupsOf(row: Row, group: Group, modes: Record<string, string>): readonly string[] {
  if (group === "tag") return [...new Set(row.tags)];
  if (row.session === null || (group === "batch" && modes[row.session] !== "batch")) return [];
  return [row.session];
}

/** How many rows have each value, kept while they come, change and go. */
export class Facets {
  private readonly counts = new Map<Choice, Map<string, number>>(
    CHOICES.map((choice) => [choice, new Map()]),
  );

  /** Rows whose charge is known. */
  charged = 0;

  /** Count a row in (1) or out (-1). */
  add(row: Row, step: 1 | -1): void {
    if (row.usage !== null) this.charged += step;
    for (const choice of CHOICES) {
      const counts = this.counts.get(choice) as Map<string, number>;
      for (const value of valuesOf(row, choice)) {
        const n = (counts.get(value) ?? 0) + step;
        if (n > 0) counts.set(value, n);
        else counts.delete(value);
      }
    }
  }

  /** Return the values of a fact with how many rows have each. */
  of(choice: Choice): ReadonlyMap<string, number> {
    return this.counts.get(choice) as Map<string, number>;
  }
}
