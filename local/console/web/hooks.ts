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

/** The time, each second. */
export function useNow(): number {
  return useSyncExternalStore(onTick, () => now);
}

export interface Loaded<T> {
  readonly value: T | undefined;
  readonly problem: string | undefined;
  reload(): void;
}

/**
 * Loads a value, again whenever `version` changes, and from nothing whenever `key` changes. The shown value stays until the
 * new value is there; an answer that comes too late is dropped.
 */
export function useLoaded<T>(load: () => Promise<T>, key: string, version: unknown = 0): Loaded<T> {
  const [state, setState] = useState<{ key: string; value?: T; problem?: string }>({ key });
  const [asked, setAsked] = useState(0);
  const wanted = useRef({ load, key, version, asked });
  wanted.current = { load, key, version, asked };
  const loading = useRef(false);
  const mounted = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the value is loaded again whenever one of these changes
  useEffect(() => {
    mounted.current = true;
    // one at a time: changes during a load are loaded after it
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

/** Returns the value once it has not changed for the given time. */
export function useSettled<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

/** A value that is kept in the browser. */
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

/** Handles keys that are pressed outside of fields, without modifiers. */
export function useKeys(handlers: Readonly<Record<string, () => void>>): void {
  const latest = useRef(handlers);
  latest.current = handlers;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key !== 'Escape' && target.closest('input, textarea, select, dialog')) return;
      const handler = latest.current[event.key];
      if (!handler) return;
      event.preventDefault();
      handler();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
