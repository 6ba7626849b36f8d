// Series of plots, decimated on the server to the width that is shown. A margin of one width on both
// sides is fetched, so that panning shows something at once; the rest follows.
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

export async function fetchSeries(sortie: string, wanted: readonly Wanted[], from: number, to: number, width: number, signal?: AbortSignal): Promise<{ lines: Line[]; unit: string; decimated: boolean }> {
  const url = address('/api/sorties/{sortie}/series', { sortie }, { series: wanted.map((w) => w.series), start_s: from, end_s: to, width });
  const columns = new Columns(await getBytes(url, signal));
  const told = (columns.meta.series ?? []) as { unit?: string; is_decimated?: boolean }[];
  const isMixed = new Set(told.map((s) => s.unit)).size > 1; // then each line says its own
  return {
    lines: wanted.map((w, i) => ({ name: isMixed && told[i]?.unit ? `${w.name} [${told[i].unit}]` : w.name, t: columns.get(`t/${i}`), v: columns.get(`v/${i}`) })),
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
