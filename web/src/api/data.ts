// Answers for views: fetched once per key, shown again at once, fetched anew when the store changes.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

interface Entry {
  value: unknown;
  stamp: number;
}
const kept = new Map<string, Entry>();
const MOST_KEPT = 120;
let stamp = 0;
const changed = new Set<() => void>();

/** The store is another one now: what is shown is fetched anew, in place. */
export function refresh(): void {
  stamp += 1;
  for (const run of [...changed]) run();
}

/** A number that grows with every change of the store. */
export function useStamp(): number {
  const [now, set] = useState(stamp);
  useEffect(() => {
    const look = (): void => set(stamp);
    look();
    changed.add(look);
    return () => void changed.delete(look);
  }, []);
  return now;
}

export interface Loaded<T> {
  data: T | undefined;
  error: unknown;
  loading: boolean;
  again: () => void;
}

/**
 * Fetch what `key` names; null fetches nothing. The old answer stays until the new one is there.
 * What is `fixed` (a track, a plan) is not fetched anew when the store changes: playback goes on.
 */
export function useData<T>(key: string | null, fetcher: (signal: AbortSignal) => Promise<T>, fixed = false): Loaded<T> {
  const [, redraw] = useState(0);
  const [tick, setTick] = useState(0);
  const error = useRef<unknown>(undefined);
  const run = useRef(fetcher);
  run.current = fetcher;

  useEffect(() => {
    if (fixed) return;
    const again = (): void => setTick((n) => n + 1);
    changed.add(again);
    return () => void changed.delete(again);
  }, [fixed]);

  useEffect(() => {
    if (key === null) return;
    const found = kept.get(key);
    error.current = undefined;
    if (found && (fixed || found.stamp === stamp)) return redraw((n) => n + 1);
    const stop = new AbortController();
    run.current(stop.signal).then(
      (value) => {
        kept.delete(key);
        kept.set(key, { value, stamp });
        if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value as string);
        redraw((n) => n + 1);
      },
      (failed: unknown) => {
        if (stop.signal.aborted) return;
        error.current = failed;
        redraw((n) => n + 1);
      },
    );
    return () => stop.abort();
  }, [key, tick]);

  const again = useCallback(() => {
    if (key !== null) kept.delete(key);
    setTick((n) => n + 1);
  }, [key]);
  const found = key === null ? undefined : kept.get(key);
  return { data: found?.value as T | undefined, error: error.current, loading: !found && !error.current, again };
}

export function forget(prefix: string): void {
  for (const key of [...kept.keys()]) if (key.startsWith(prefix)) kept.delete(key);
  for (const run of [...changed]) run();
}
