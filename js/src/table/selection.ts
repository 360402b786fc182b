/** Which rows are selected: a box or Space for one, with Shift all from the last one. Pure. */

/** Return the ids with one selected that was not, or the other way round. */
export function flipped(selected: ReadonlySet<string>, ids: readonly string[]): Set<string> {
  const all = ids.every((id) => selected.has(id));
  const next = new Set(selected);
  for (const id of ids) {
    if (all) next.delete(id);
    else next.add(id);
  }
  return next;
}

/** Return the ids with all between two of the list selected too. */
export function extended(
  selected: ReadonlySet<string>,
  list: readonly string[],
  from: string | null,
  to: string,
): Set<string> {
  const [a, b] = [list.indexOf(from ?? to), list.indexOf(to)];
  const [low, high] = a < 0 ? [b, b] : [Math.min(a, b), Math.max(a, b)];
  return new Set([...selected, ...list.slice(low, high + 1)]);
}
