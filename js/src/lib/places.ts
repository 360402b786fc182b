/**
 * Where the lines of a window are drawn. Elements that are filled with other lines cost the browser a
 * part of what new ones do; but those of lines that stay have to stay too, in the order of the lines.
 */
import { useRef } from "preact/hooks";

/** The place of each line, by its key, in the order in which they are drawn. */
export type Places = ReadonlyMap<string, number>;

/**
 * Return the places of lines. Those that stay keep theirs: what is asked or typed in a line is lost
 * with its place. The others get new ones as long as at least half stay, as when one scrolls; else
 * the places of lines that have gone are filled one after the other.
 */
export function placesOf(keys: readonly string[], before: Places): Places {
  const stay = 2 * keys.filter((key) => before.has(key)).length >= keys.length;
  const here = new Set(keys);
  const free = stay ? [] : [...before].flatMap(([key, place]) => (here.has(key) ? [] : [place]));
  let next = Math.max(-1, ...before.values()) + 1;
  return new Map(keys.map((key) => [key, before.get(key) ?? free.shift() ?? next++] as const));
}

/** Return the places of lines, which stand for them as keys. */
export function usePlaces(keys: readonly string[]): Places {
  const places = useRef<Places>(new Map());
  places.current = placesOf(keys, places.current);
  return places.current;
}
