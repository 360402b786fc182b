/** Counts as they come, and what is shown of them. Pure. */

/** The counts of one register of one PUB, as the kernel sends them. */
export interface Entry {
  label: string;
  pub: number;
  register: string;
  num_bits: number;
  shots: number;
  /** Rows of `ceil(num_bits / 8)` bytes, big endian: bit 0 is the last byte's lowest. Sorted. */
  outcomes: DataView;
  /** Little-endian uint32, one for each row. */
  counts: DataView;
}

/** One bar. */
export interface Outcome {
  bits: string;
  count: number;
}

export type Order = "count" | "key";

/** Return how many distinct outcomes there are. */
export function kinds(entry: Entry): number {
  return entry.counts.byteLength / 4;
}

const countAt = (entry: Entry, i: number): number => entry.counts.getUint32(4 * i, true);

/** Return the bit string of outcome `i`, highest bit first, as Qiskit writes it. */
export function bitsOf(entry: Entry, i: number): string {
  const width = Math.ceil(entry.num_bits / 8);
  let bits = "";
  for (let b = 0; b < width; b++) {
    bits += entry.outcomes
      .getUint8(i * width + b)
      .toString(2)
      .padStart(8, "0");
  }
  return bits.slice(bits.length - entry.num_bits);
}

/** Return the `k` most frequent outcomes, in this order; equal counts stand by key. */
export function top(entry: Entry, k: number, order: Order): Outcome[] {
  const shown = mostFrequent(entry, k).map((i) => ({
    bits: bitsOf(entry, i),
    count: countAt(entry, i),
  }));
  const byKey = (a: Outcome, b: Outcome) => (a.bits < b.bits ? -1 : 1);
  return shown.sort(order === "key" ? byKey : (a, b) => b.count - a.count || byKey(a, b));
}

/** Return indices of the k largest counts: a result may hold a million, of which 16 are shown. */
function mostFrequent(entry: Entry, k: number): number[] {
  const n = kinds(entry);
  if (n <= k) return Array.from({ length: n }, (_, i) => i);
  const sorted = Uint32Array.from({ length: n }, (_, i) => countAt(entry, i)).sort();
  const least = sorted[n - k] as number;
  const above: number[] = [];
  const equal: number[] = [];
  for (let i = 0; i < n; i++) {
    const count = countAt(entry, i);
    if (count > least) above.push(i);
    else if (count === least && equal.length < k) equal.push(i);
  }
  return [...above, ...equal].slice(0, k);
}

/** Return all counts as a Python dict, most frequent first. */
export function asDict(entry: Entry): string {
  const all = top(entry, kinds(entry), "count");
  return `{${all.map(({ bits, count }) => `"${bits}": ${count}`).join(", ")}}`;
}

/** Return the standard deviation of a share estimated from so many shots. */
export function noise(share: number, shots: number): number {
  return Math.sqrt((share * (1 - share)) / shots);
}

const STEPS = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5];

/** Return the end of an axis of four equal steps that holds `share`. */
export function endOfShares(share: number): number {
  const quarter = share / 4;
  const ten = 10 ** Math.floor(Math.log10(quarter));
  const step = STEPS.find((s) => s * ten >= quarter * (1 - 1e-9)) ?? 10;
  return Math.min(1, 4 * step * ten);
}

/** Split a bit string in groups of five from the right, so that positions stand in line. */
export function groupsOf(bits: string): string[] {
  const first = bits.length % 5;
  const rest = bits.slice(first).match(/.{5}/g) ?? [];
  return first > 0 ? [bits.slice(0, first), ...rest] : rest;
}
