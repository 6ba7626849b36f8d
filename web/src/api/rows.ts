// Rows of a table of any length, by number: fetched in pages when they come into sight.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { useStamp } from './data';

export interface Answer<R> {
  rows: R[];
  total: number;
}
/** A page, the state of the store that it was asked at, and its rows: older ones until they are there. */
interface Page<R> {
  stamp: number;
  rows: R[] | null;
}
export interface Rows<R> {
  row: (at: number) => R | undefined;
  total: number | null;
  error: unknown;
  /** These rows are in sight now: whatever of them is missing or old is fetched. */
  ask: (from: number, until: number) => void;
}

/**
 * Rows that `key` names, `length` to a page.
 *
 * What is in sight is remembered: when the store changes it is fetched anew wherever the table has
 * been scrolled to, the old rows stay until then, and an answer that comes late is dropped only if
 * a newer one was asked for in its place.
 */
export function useRows<R>(key: string, length: number, fetcher: (offset: number) => Promise<Answer<R>>): Rows<R> {
  const stamp = useStamp();
  const run = useRef(fetcher);
  run.current = fetcher;
  const held = useRef({ key, pages: new Map<number, Page<R>>(), sight: [0, 1] as [number, number] });
  if (held.current.key !== key) held.current = { key, pages: new Map(), sight: [0, 1] };
  const [state, setState] = useState<{ key: string; total: number | null; error: unknown; n: number }>({ key, total: null, error: undefined, n: 0 });

  const load = useCallback((number: number) => {
    const { pages } = held.current;
    const before = pages.get(number);
    if (before?.stamp === stamp) return;
    const page: Page<R> = { stamp, rows: before?.rows ?? null };
    pages.set(number, page);
    const isWanted = (): boolean => held.current.pages === pages && pages.get(number) === page;
    run.current(number * length).then((answer) => {
      if (!isWanted()) return;
      page.rows = answer.rows;
      setState((s) => ({ key, total: answer.total, error: undefined, n: s.n + 1 }));
    }, (error: unknown) => {
      if (!isWanted()) return;
      page.stamp = -1; // asked for again when it is next in sight
      setState((s) => ({ key, total: s.key === key ? s.total : null, error, n: s.n + 1 }));
    });
  }, [key, stamp]);
  const ask = useCallback((from: number, until: number) => {
    held.current.sight = [from, until];
    for (let p = Math.floor(from / length); p <= Math.floor(Math.max(from, until - 1) / length); p += 1) load(p);
  }, [load]);
  useEffect(() => ask(...held.current.sight), [ask]);

  const row = useCallback((at: number) => held.current.pages.get(Math.floor(at / length))?.rows?.[at % length], [key, state.n]);
  const isOwn = state.key === key;
  return { row, total: isOwn ? state.total : null, error: isOwn ? state.error : undefined, ask };
}
