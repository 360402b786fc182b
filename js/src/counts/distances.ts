/** How far two distributions are apart, in words; worked out by the kernel (`watch/distances.py`). */
import { number } from "../lib/words.ts";

/** What the Hellinger fidelity is, for those who ask. */
export const FIDELITY = "(Σ √(p q))², with its shot noise (1σ)";

/** What the total variation distance is. */
export const VARIATION = "½ Σ |p − q|";

/** Return a fidelity's shot noise; null where it is too small to be seen. */
export function noiseOf(error: number): string | null {
  const noise = number(error, 3);
  return Number(noise) > 0 ? `± ${noise}` : null;
}
