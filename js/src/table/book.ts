/**
 * What one page knows of a table's jobs: the rows by id and number, those listed, how many there
 * are of each kind, and which of them were asked to be cancelled.
 */
import type { Row } from "../lib/model.ts";
import { isFinal } from "../lib/status.ts";
import { type Frame, rowsOf } from "./frame.ts";
import { Listing } from "./listing.ts";
import { Facets, type Filter } from "./query.ts";

interface Totals {
  total: number;
  /** Jobs in each status, where not all rows are here to be counted. */
  counts?: Record<string, number> | undefined;
}

export interface Snapshot extends Totals {
  rev: number;
  rows: Frame;
}

/** What has changed; totals as well. */
export interface Patch extends Partial<Totals> {
  base: number;
  rev: number;
  /** Whole rows. */
  rows?: Frame;
  /** What has changed of rows that are known. */
  changed?: Frame;
  /** Numbers of the rows of jobs that are no more. */
  gone?: number[];
}

/** What is known at one revision. */
export interface Known {
  rev: number;
  /** Jobs in the table; more than rows while not all have been sent. */
  total: number;
  rows: ReadonlyMap<string, Row>;
  /** The rows that match the filter, in order. */
  listed: readonly Row[];
  facets: Facets;
  /** Jobs in each status. */
  counts: ReadonlyMap<string, number>;
}

/** What became of the jobs that were asked to be cancelled together. */
export interface Outcome {
  jobs: readonly string[];
  cancelled: number;
  /** Those that had ended by then, or that the service would not cancel. */
  refused: number;
}

export class Book {
  rev: number | null = null;
  rows = new Map<string, Row>();
  private ids = new Map<number, string>();
  private totals: Totals = { total: 0 };
  private facets = new Facets();
  private readonly listing = new Listing();
  private readonly asked = new Set<string>();
  /** The rows as the kernel told them; those asked about are shown otherwise. */
  private told = new Map<string, Row>();

  begin(snapshot: Snapshot): void {
    const rows = rowsOf(snapshot.rows);
    this.rev = snapshot.rev;
    this.totals = snapshot;
    this.rows = new Map();
    this.told = new Map();
    this.ids = new Map(rows.map(([number, row]) => [number, row.id]));
    this.facets = new Facets();
    for (const [, row] of rows) this.hear(row);
  }

  list(filter: Filter, sort: string, now: number): void {
    this.listing.build(this.rows.values(), filter, sort, now);
  }

  /** Take a patch that fits; returns the rows with another status, or null if a row is missing. */
  take(patch: Patch): Row[] | null {
    const whole = patch.rows ? rowsOf(patch.rows) : [];
    const changed = patch.changed ? rowsOf(patch.changed, (number) => this.numbered(number)) : [];
    if (changed.length < (patch.changed?.n.length ?? 0)) return null;
    for (const [number, row] of whole) this.ids.set(number, row.id);
    const gone = (patch.gone ?? []).flatMap((number) => this.ids.get(number) ?? []);
    for (const id of gone) this.drop(id);
    const turned: Row[] = [];
    const kept = [...whole, ...changed].map(([, row]) => {
      if (this.rows.get(row.id)?.status !== row.status) turned.push(row);
      return this.hear(row);
    });
    this.listing.update(kept, gone);
    this.rev = patch.rev;
    const { total, counts } = this.totals;
    this.totals = { total: patch.total ?? total, counts: patch.counts ?? counts };
    return turned;
  }

  known(): Known {
    const { total, counts } = this.totals;
    return {
      rev: this.rev ?? 0,
      total: Math.max(total ?? 0, this.rows.size),
      rows: this.rows,
      listed: this.listing.rows,
      facets: this.facets,
      counts:
        counts && this.rows.size < total
          ? new Map(Object.entries(counts))
          : this.facets.of("status"),
    };
  }

  ask(ids: readonly string[]): void {
    for (const id of ids) this.asked.add(id);
    this.redraw(ids);
  }

  unask(): void {
    const ids = [...this.asked];
    this.asked.clear();
    this.redraw(ids);
  }

  outcomeOf(jobs: readonly string[]): Outcome {
    const rows = jobs.map((id) => this.rows.get(id));
    const cancelled = rows.filter((row) => row?.status === "CANCELLED").length;
    const ended = rows.filter((row) => !row || isFinal(row.status) || row.refused).length;
    return { jobs, cancelled, refused: ended - cancelled };
  }

  private numbered(number: number): Row | null {
    return this.told.get(this.ids.get(number) ?? "") ?? null;
  }

  private hear(row: Row): Row {
    if (answers(row)) this.asked.delete(row.id);
    this.told.set(row.id, row);
    return this.keep(row);
  }

  /** Keep a row, shown as cancelling while what was asked of it is not answered. */
  private keep(told: Row): Row {
    const row = this.asked.has(told.id) ? { ...told, cancelling: true } : told;
    const old = this.rows.get(row.id);
    if (old) this.facets.add(old, -1);
    this.facets.add(row, 1);
    this.rows.set(row.id, row);
    return row;
  }

  private drop(id: string): void {
    const row = this.rows.get(id);
    if (row) this.facets.add(row, -1);
    this.rows.delete(id);
    this.told.delete(id);
  }

  private redraw(ids: readonly string[]): void {
    const rows = ids.flatMap((id) => this.told.get(id) ?? []);
    this.listing.update(rows.map((row) => this.keep(row)));
  }
}

/** Whether a row answers a cancel: the end, the kernel's own "cancelling", or why it refused. */
function answers(row: Row): boolean {
  return isFinal(row.status) || row.cancelling || row.refused;
}
