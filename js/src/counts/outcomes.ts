/** Counts as they come, and what is shown of them in which order. Pure. */
import { csvOf } from "../lib/csv.ts";

/** The counts of one register of one PUB, as the kernel sends them. */
export interface Entry {
  label: string;
  /** Index of the register, and of the parameter set; -1 for all sets together. */
  place: readonly [register: number, set: number];
  pub: number;
  register: string;
  num_bits: number;
  shots: number;
  /** How many outcomes there are; more than rows where only the largest were sent. */
  kinds: number;
  /** Rows of `ceil(num_bits / 8)` bytes, big endian: bit 0 is the last byte's lowest. Sorted. */
  outcomes: DataView;
  /** Little-endian uint32, one for each row. */
  counts: DataView;
  /** What each comparison has beside the rows; null where it has nothing alike. */
  others: readonly (Other | null)[];
}

/** One comparison, beside the rows of an entry. */
export interface Other {
  /** Little-endian float64, one for each row. */
  shares: DataView;
  /** Hellinger fidelity, and its standard deviation by shot noise. */
  fidelity: number;
  error: number;
  /** Total variation distance. */
  variation: number;
}

/** One bar. */
export interface Outcome {
  bits: string;
  count: number;
  /** Share in the comparison, when there is one. */
  expected?: number;
}

/** All outcomes that are no bar of their own. */
export interface Rest {
  kinds: number;
  count: number;
  expected?: number;
}

export type Order = "count" | "key" | "weight" | "distance";

/** The columns of an entry, as arrays. */
export interface Columns {
  width: number;
  bytes: Uint8Array;
  counts: Uint32Array;
  /** Of the comparison shown. */
  expected: Float64Array | null;
}

const bytesOf = (view: DataView): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/** Return the columns of an entry; `compared` is the index of the comparison shown. */
export function columnsOf(entry: Entry, compared: number): Columns {
  const shares = entry.others[compared]?.shares;
  return {
    width: Math.ceil(entry.num_bits / 8),
    bytes: bytesOf(entry.outcomes),
    // copied: a view into a message need not begin at a multiple of its numbers' size
    counts: new Uint32Array(bytesOf(entry.counts).slice().buffer),
    expected: shares ? new Float64Array(bytesOf(shares).slice().buffer) : null,
  };
}

/** Return the bit string of row `i`, highest bit first, as Qiskit writes it. */
export function bitsOf(columns: Columns, numBits: number, i: number): string {
  const { width, bytes } = columns;
  let bits = "";
  for (let b = 0; b < width; b++) {
    bits += (bytes[i * width + b] as number).toString(2).padStart(8, "0");
  }
  return bits.slice(bits.length - numBits);
}

/** Return row `i` as a bar. */
export function outcomeAt(entry: Entry, columns: Columns, i: number): Outcome {
  const outcome = {
    bits: bitsOf(columns, entry.num_bits, i),
    count: columns.counts[i] as number,
  };
  return columns.expected ? { ...outcome, expected: columns.expected[i] as number } : outcome;
}

/**
 * Return the rows of the `k` outcomes with the largest shares, measured or expected, in this order;
 * equal ones stand by key. `toward` is the outcome that distances are measured to, by default the
 * most frequent one.
 */
export function rowsOf(
  columns: Columns,
  shots: number,
  k: number,
  order: Order,
  toward: string | null = null,
): Uint32Array {
  const rows = largest(columns, shots, k);
  if (order === "key") return rows;
  const ranked = sortedBy(rows, (row) => 2 ** 32 - (columns.counts[row] as number));
  if (order === "count") return ranked;
  const goal = order === "weight" ? null : goalOf(columns, toward, ranked[0]);
  return sortedBy(ranked, (row) => difference(columns, row, goal));
}

/** Return rows in the order of a whole number each; of equal ones the first stays the first. */
function sortedBy(rows: Uint32Array, numberOf: (row: number) => number): Uint32Array {
  const n = rows.length;
  // number and place in one, exact below 2^53: sorting numbers needs no comparing function
  const keys = new Float64Array(n);
  for (let place = 0; place < n; place++) keys[place] = numberOf(rows[place] as number) * n + place;
  keys.sort();
  // loops, as typed arrays made by a function take five times as long
  const sorted = new Uint32Array(n);
  for (let i = 0; i < n; i++) sorted[i] = rows[(keys[i] as number) % n] as number;
  return sorted;
}

/** Return the rows with the k largest shares, by key. */
function largest({ counts, expected }: Columns, shots: number, k: number): Uint32Array {
  const n = counts.length;
  const rows = new Uint32Array(Math.min(n, k));
  if (n <= k) {
    for (let row = 0; row < n; row++) rows[row] = row;
    return rows;
  }
  const shares = new Float64Array(n);
  for (let row = 0; row < n; row++) {
    const share = (counts[row] as number) / shots;
    shares[row] = expected ? Math.max(share, expected[row] as number) : share;
  }
  const least = shares.slice().sort()[n - k] as number;
  let equal = k;
  for (let row = 0; row < n; row++) if ((shares[row] as number) > least) equal--;
  let found = 0;
  for (let row = 0; row < n; row++) {
    const share = shares[row] as number;
    if (share > least || (share === least && equal-- > 0)) rows[found++] = row;
  }
  return rows;
}

const WEIGHTS = Uint8Array.from(
  { length: 256 },
  (_, byte) => byte.toString(2).replaceAll("0", "").length,
);

/** Return in how many bits a row differs from the goal, or from all zeros. */
function difference({ width, bytes }: Columns, row: number, goal: Uint8Array | null): number {
  let sum = 0;
  for (let b = 0; b < width; b++) {
    sum += WEIGHTS[(bytes[row * width + b] as number) ^ (goal ? (goal[b] as number) : 0)] as number;
  }
  return sum;
}

/** Return the bytes of the outcome that distances are measured to. */
function goalOf({ width, bytes }: Columns, toward: string | null, first = 0): Uint8Array {
  if (toward === null) return bytes.subarray(first * width, (first + 1) * width);
  const bits = toward.slice(-8 * width).padStart(8 * width, "0");
  return Uint8Array.from({ length: width }, (_, b) =>
    Number.parseInt(bits.slice(8 * b, 8 * b + 8), 2),
  );
}

/** Return what stands behind the bars not shown; null when all are. */
export function restOf(entry: Entry, columns: Columns, rows: Uint32Array): Rest | null {
  const kinds = entry.kinds - rows.length;
  if (kinds <= 0) return null;
  const { counts, expected } = columns;
  const count = rows.reduce((left, row) => left - (counts[row] as number), entry.shots);
  if (!expected) return { kinds, count };
  const left = rows.reduce((sum, row) => sum - (expected[row] as number), 1);
  return { kinds, count, expected: Math.max(0, left) };
}

/** Return all counts as a Python dict, most frequent first. */
export function asDict(entry: Entry): string {
  const columns = columnsOf(entry, -1);
  const rows = rowsOf(columns, entry.shots, Number.POSITIVE_INFINITY, "count");
  const items = Array.from(rows)
    .filter((row) => columns.counts[row])
    .map((row) => `"${bitsOf(columns, entry.num_bits, row)}": ${columns.counts[row]}`);
  return `{${items.join(", ")}}`;
}

/** Return all outcomes as CSV, most frequent first, with the share in each comparison. */
export function asCsv(entry: Entry, labels: readonly string[]): string {
  const columns = columnsOf(entry, -1);
  const others = labels.flatMap((label, i) => {
    const { expected } = columnsOf(entry, i);
    return expected ? [{ label, expected }] : [];
  });
  const head = ["outcome", "count", "share", ...others.map(({ label }) => label)];
  const rows = rowsOf(columns, entry.shots, Number.POSITIVE_INFINITY, "count");
  const lines = Array.from(rows, (row) => {
    const count = columns.counts[row] as number;
    const shares = others.map(({ expected }) => expected[row]);
    return [bitsOf(columns, entry.num_bits, row), count, count / entry.shots, ...shares];
  });
  return csvOf([head, ...lines]);
}

/** Return the standard deviation of a share estimated from so many shots (binomial). */
export function noise(share: number, shots: number): number {
  return Math.sqrt(Math.max(0, share * (1 - share)) / shots);
}

const STEPS = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5];

/** Return the end of an axis of four equal steps that holds a value. */
export function endOfAxis(value: number): number {
  if (value <= 0) return 1;
  const quarter = value / 4;
  const ten = 10 ** Math.floor(Math.log10(quarter));
  const step = STEPS.find((s) => s * ten >= quarter * (1 - 1e-9)) ?? 10;
  return 4 * step * ten;
}

/** Split a bit string in groups of five from the right, so that positions stand in line. */
export function groupsOf(bits: string): string[] {
  const first = bits.length % 5;
  const rest = bits.slice(first).match(/.{5}/g) ?? [];
  return first > 0 ? [bits.slice(0, first), ...rest] : rest;
}
