/** Which of the kernel's numbered changes a page may take. */

/** A change from revision `base` to revision `rev`. */
export interface Revised {
  base: number;
  rev: number;
}

/**
 * Return what to do with a change, for a page at revision `own`: take it, leave it because its
 * content is known, or see that something before it was missed.
 */
export function judge(own: number, change: Revised): "apply" | "known" | "gap" {
  if (change.base > own) return "gap";
  return change.rev > own ? "apply" : "known";
}
