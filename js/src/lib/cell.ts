/** Values that tell when they change: what the views need of a signal, in a few bytes. */
import { useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";
import { type Model, onChange } from "./model.ts";

/** Something to read and to hear of. */
export interface Cell<T> {
  readonly value: T;
  /** Call `react` after each change; returns the function that stops it. */
  onChange(react: () => void): () => void;
}

export interface WritableCell<T> extends Cell<T> {
  value: T;
}

/** Return a cell that holds `value` until it is written. */
export function cell<T>(value: T): WritableCell<T> {
  const reactions = new Set<() => void>();
  return {
    get value() {
      return value;
    },
    set value(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const react of reactions) react();
    },
    onChange(react) {
      reactions.add(react);
      return () => {
        reactions.delete(react);
      };
    },
  };
}

/** Return a cell that reads one trait of the model. */
export function traitCell<T>(model: Model, trait: string): Cell<T> {
  return {
    get value() {
      return model.get(trait) as T;
    },
    onChange: (react) => onChange(model, [trait], react),
  };
}

/** Draw the component anew whenever one of these changes; always give it the same ones. */
export function useCells(...cells: Cell<unknown>[]): void {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const drawn = cells.map((some) => some.value);
  useLayoutEffect(() => {
    const stops = cells.map((some) => some.onChange(() => redraw(undefined)));
    // what changed between drawing and listening
    if (cells.some((some, i) => !Object.is(some.value, drawn[i]))) redraw(undefined);
    return () => {
      for (const stop of stops) stop();
    };
  }, []);
}

/**
 * Return what a cell holds, drawn anew at most once in `every` milliseconds: a change after a pause
 * at once, the last of several for certain, and none while nobody sees the view.
 *
 * @param jumps tells whether a value is of something else than the one before, and can't wait.
 */
export function usePaced<T extends object>(
  source: Cell<T>,
  every: number,
  seen: Cell<boolean | null>,
  jumps: (next: T, before: T) => boolean,
): T {
  const [shown, show] = useState(source.value);
  const last = useRef(shown);
  useLayoutEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const rested = (): void => {
      timer = undefined;
      follow();
    };
    const follow = (): void => {
      const next = source.value;
      const waits = timer !== undefined && !jumps(next, last.current);
      if (next === last.current || waits || seen.value === false) return;
      last.current = next;
      show(next);
      clearTimeout(timer);
      timer = setTimeout(rested, every);
    };
    const stops = [source.onChange(follow), seen.onChange(follow)];
    follow();
    return () => {
      for (const stop of stops) stop();
      clearTimeout(timer);
    };
  }, [every]);
  return shown;
}
