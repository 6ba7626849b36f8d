// Series of plots, decimated on the server to the width that is shown. A margin of one width on both
// sides is fetched, so that panning shows something at once; the rest follows. Plots that follow the
// same stretch ask together: one request instead of eleven, which a browser would send six at a time.
import { useEffect, useRef, useState } from 'preact/hooks';
import { address, getBytes } from '../api/client';
import { Columns } from '../api/columns';
import type { Range } from '../app/clock';
import type { Line } from './plot';

export interface Wanted {
  series: string;
  name: string;
}
interface Fetched {
  key: string;
  from: number;
  to: number;
  isWhole: boolean;
  lines: Line[];
  unit: string;
}
export interface Series {
  lines: Line[];
  unit: string;
  error: unknown;
  loading: boolean;
}

const SETTLE_MS = 110;
/** Plots that move together come within this time. */
const GATHER_MS = 5;
/** Series in one request; the server takes 32. */
const MOST_SERIES = 24;

interface Batch {
  names: Set<string>;
  waiting: number;
  stop: AbortController;
  answer: Promise<Columns>;
}
const gathering = new Map<string, Batch>();

function ask(sortie: string, names: readonly string[], from: number, to: number, width: number, signal?: AbortSignal): Promise<Columns> {
  return getBytes(address('/api/sorties/{sortie}/series', { sortie }, { series: names, start_s: from, end_s: to, width }), signal).then((data) => new Columns(data));
}

/** The columns of some series, asked for together with what other plots want of the same stretch. */
async function askTogether(sortie: string, names: readonly string[], from: number, to: number, width: number, signal?: AbortSignal): Promise<Columns> {
  const key = [sortie, from, to, width].join('|');
  let batch = gathering.get(key);
  if (!batch || batch.names.size + names.length > MOST_SERIES) {
    const made: Batch = { names: new Set(), waiting: 0, stop: new AbortController(), answer: Promise.resolve(null as unknown as Columns) };
    made.answer = new Promise((go) => { setTimeout(go, GATHER_MS); }).then(() => {
      if (gathering.get(key) === made) gathering.delete(key);
      return ask(sortie, [...made.names], from, to, width, made.stop.signal);
    });
    gathering.set(key, made);
    batch = made;
  }
  const own = batch;
  for (const name of names) own.names.add(name);
  own.waiting += 1;
  signal?.addEventListener('abort', () => {
    own.waiting -= 1;
    if (!own.waiting) own.stop.abort();
  }, { once: true });
  try {
    return await own.answer;
  } catch (failed) {
    // one series that is not there must not take the others along
    if (signal?.aborted || (failed as Error).name === 'AbortError' || own.names.size === names.length) throw failed;
    return ask(sortie, names, from, to, width, signal);
  }
}

export async function fetchSeries(sortie: string, wanted: readonly Wanted[], from: number, to: number, width: number, signal?: AbortSignal): Promise<{ lines: Line[]; unit: string; decimated: boolean }> {
  const columns = await askTogether(sortie, wanted.map((w) => w.series), from, to, width, signal);
  if (signal?.aborted) throw new DOMException('no longer wanted', 'AbortError');
  const all = (columns.meta.series ?? []) as { series: string; unit?: string; is_decimated?: boolean }[];
  const rows = wanted.map((w) => all.findIndex((s) => s.series === w.series));
  const told = rows.map((at) => all[at] ?? { series: '' });
  const isMixed = new Set(told.map((s) => s.unit)).size > 1; // then each line says its own
  return {
    lines: wanted.map((w, i) => ({ name: isMixed && told[i]?.unit ? `${w.name} [${told[i].unit}]` : w.name, t: columns.get(`t/${rows[i]}`), v: columns.get(`v/${rows[i]}`) })),
    unit: isMixed ? '' : told[0]?.unit ?? '',
    decimated: told.some((s) => s.is_decimated),
  };
}

export function useSeries(sortie: string, wanted: readonly Wanted[], range: Range, isSeen: boolean): Series {
  const key = `${sortie}|${wanted.map((w) => w.series).join('|')}`;
  const held = useRef<Fetched | null>(null);
  const [, redraw] = useState(0);
  const error = useRef<unknown>(undefined);
  useEffect(() => {
    if (!isSeen || !wanted.length) return;
    let timer = 0;
    let stop: AbortController | null = null;
    const fetchNow = (): void => {
      const long = range.max - range.min;
      const from = Math.max(range.low, range.min - long);
      const to = Math.min(range.high, range.max + long);
      const has = held.current;
      // what is held is fine enough, and covers what is shown
      if (has?.key === key && has.from <= range.min && has.to >= range.max && (has.isWhole || has.to - has.from <= long * 3.6)) return;
      stop?.abort();
      stop = new AbortController();
      // each of these gives its least and its greatest value: half the pixels lose nothing that is seen
      const width = Math.min(8192, Math.round(0.5 * Math.min(innerWidth, 1500) * ((to - from) / long)));
      fetchSeries(sortie, wanted, from, to, Math.max(64, width), stop.signal).then(
        ({ lines, unit, decimated }) => {
          const isAll = from <= range.low && to >= range.high;
          held.current = { key, from, to, isWhole: isAll && !decimated, lines, unit };
          error.current = undefined;
          redraw((n) => n + 1);
        },
        (failed: unknown) => {
          if ((failed as Error).name === 'AbortError') return;
          error.current = failed;
          redraw((n) => n + 1);
        },
      );
    };
    const soon = (): void => {
      clearTimeout(timer);
      timer = window.setTimeout(fetchNow, SETTLE_MS);
    };
    fetchNow();
    const leave = range.subscribe(soon);
    return () => {
      clearTimeout(timer);
      stop?.abort();
      leave();
    };
  }, [key, range, isSeen]);
  const has = held.current?.key === key ? held.current : null;
  return { lines: has?.lines ?? [], unit: has?.unit ?? '', error: error.current, loading: !has && !error.current };
}

/** Whether an element has come near the view. */
export function useSeen(): [{ current: HTMLDivElement | null }, boolean] {
  const ref = useRef<HTMLDivElement>(null);
  const [seen, see] = useState(false);
  useEffect(() => {
    const el = ref.current;
    if (!el) return;
    const watch = new IntersectionObserver((entries) => {
      if (entries.some((e) => e.isIntersecting)) see(true);
    }, { rootMargin: '600px' });
    watch.observe(el);
    return () => watch.disconnect();
  }, []);
  return [ref, seen];
}
