import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';

const TICK_MS = 1000;
const tickers = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

/** Adds a listener to the one timer of all components that show relative times. */
function onTick(listener: () => void): () => void {
  tickers.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of tickers) each();
  }, TICK_MS);
  return () => {
    tickers.delete(listener);
    if (tickers.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Returns the current time, which is updated each second. */
export function useNow(): number {
  return useSyncExternalStore(onTick, () => now);
}

export interface Loaded<T> {
  readonly value: T | undefined;
  readonly problem: string | undefined;
  reload(): void;
}

/**
 * Loads a value, and loads it again whenever `version` changes. The old value stays until the new one has arrived. When
 * `key` changes, the old value is removed at once. The result of a load is ignored if `key` has changed since its
 * start.
 */
export function useLoaded<T>(load: () => Promise<T>, key: string, version: unknown = 0): Loaded<T> {
  const [state, setState] = useState<{ key: string; value?: T; problem?: string }>({ key });
  const [asked, setAsked] = useState(0);
  const wanted = useRef({ load, key, version, asked });
  wanted.current = { load, key, version, asked };
  const loading = useRef(false);
  const mounted = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of any of these values starts a load
  useEffect(() => {
    mounted.current = true;
    // only one load runs at a time; if a value changes during a load, another load follows
    if (!loading.current) void loadUntilCurrent();
    return () => {
      mounted.current = false;
    };
  }, [key, version, asked]);

  async function loadUntilCurrent(): Promise<void> {
    loading.current = true;
    let started = wanted.current;
    do {
      started = wanted.current;
      const result = await settled(started.load());
      if (mounted.current && wanted.current.key === started.key) setState({ key: started.key, ...result });
    } while (mounted.current && !isSame(started, wanted.current));
    loading.current = false;
  }

  const reload = useCallback(() => setAsked((count) => count + 1), []);
  const own = state.key === key;
  return { value: own ? state.value : undefined, problem: own ? state.problem : undefined, reload };
}

type Wanted = { readonly key: string; readonly version: unknown; readonly asked: number };

function isSame(one: Wanted, other: Wanted): boolean {
  return one.key === other.key && one.version === other.version && one.asked === other.asked;
}

function settled<T>(promise: Promise<T>): Promise<{ value?: T; problem?: string }> {
  return promise.then(
    (value) => ({ value }),
    (error: Error) => ({ problem: error.message }),
  );
}

/** Returns the latest value that did not change for the given time. */
export function useSettled<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

/** Returns a value that is stored in the browser, and a function that changes it. */
export function useStored(name: string, initial: string): [string, (value: string) => void] {
  const [value, setValue] = useState(() => localStorage.getItem(`console.${name}`) ?? initial);
  const store = useCallback(
    (next: string) => {
      localStorage.setItem(`console.${name}`, next);
      setValue(next);
    },
    [name],
  );
  return [value, store];
}

/** Handles keys without modifiers, unless they are pressed in a field or a dialog is open. */
export function useKeys(handlers: Readonly<Record<string, () => void>>): void {
  const latest = useRef(handlers);
  latest.current = handlers;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      // the focus may be outside of the open dialog; the browser must still be able to close the dialog on Escape
      if (document.querySelector('dialog[open]')) return;
      if (event.key !== 'Escape' && target.closest('input, textarea, select')) return;
      const handler = latest.current[event.key];
      if (!handler) return;
      event.preventDefault();
      handler();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
