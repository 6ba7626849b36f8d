// The plots of a sortie: those that the evidence names, then what all have, then what was added.
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type Schemas, get } from '../../api/client';
import { useData } from '../../api/data';
import type { Clock, Range } from '../../app/clock';
import { useQuery } from '../../app/router';
import { sortieLink } from '../../app/session';
import { type Band, Plot, type Span } from '../../charts/plot';
import { useSeen, useSeries } from '../../charts/series';
import { Empty, Failed, Loading } from '../../ui/state';
import { plain } from '../../words/plain';
import type { Page } from './index';

export interface Shown {
  title: string;
  unit: string;
  lines: Schemas['PlotLine'][];
  limits: number[];
  isDecisive: boolean;
}

/** Plots added from the raw topics stand in the address: series joined by `,`, plots by `~`. */
export const parseAdded = (text: string): string[][] => text.split('~').filter(Boolean).map((p) => p.split(',').filter(Boolean));
export const formatAdded = (plots: readonly (readonly string[])[]): string => plots.map((p) => p.join(',')).join('~');

export const seriesName = (series: string): string => series.replace(/^(channel|topic):/, '');

export function Plots({ page, clock, range, onlyAdded }: { page: Page; clock: Clock; range: Range; onlyAdded?: boolean }): JSX.Element {
  const id = page.row.sortie_id;
  const found = useData(onlyAdded ? null : `plots/${id}`, (signal) => get('/api/sorties/{sortie}/plots', { path: { sortie: id }, signal }));
  const [added, setAdded] = useQuery('plots');
  const extra = parseAdded(added);
  const spans = useMemo(() => page.findings.map((f): Span => ({ from: f.onset_s, to: f.end_s, title: f.title, severity: f.severity })), [page]);
  const bands = useMemo(() => page.phases.map((p): Band => ({ phase: p.phase, from: p.start_s, to: p.end_s })), [page]);
  const given = (found.data?.plots ?? []).map((p): Shown => ({ title: p.title, unit: p.unit, lines: p.lines, limits: p.limits, isDecisive: p.is_decisive }));
  return (
    <section class="block plots" aria-label="Plots over time">
      <div class="row plot-tools">
        <h2>Signals</h2>
        <span class="note">drag to zoom, double click for all; shift and wheel pans; click sets the instant</span>
        <span class="row no-print" style={{ marginLeft: 'auto' }}>
          <button type="button" onClick={() => range.pan(-0.5)} aria-label="Earlier">←</button>
          <button type="button" onClick={() => range.pan(0.5)} aria-label="Later">→</button>
          <button type="button" onClick={() => range.zoom(0.5, clock.t)} aria-label="Zoom in">+</button>
          <button type="button" onClick={() => range.zoom(2, clock.t)} aria-label="Zoom out">−</button>
          <button type="button" onClick={() => range.reset()}>All</button>
          {!onlyAdded && <a class="button" href={sortieLink(id, { tab: 'raw', plots: added })}>Add signals</a>}
        </span>
      </div>
      <Phases bands={bands} spans={spans} range={range} />
      {found.error ? <Failed error={found.error} again={found.again} /> : null}
      {!onlyAdded && found.loading && <Loading what="plots" height={400} />}
      {found.data && !given.length && !extra.length && <Empty title="No signal was logged in this sortie"><p>The receipt says what the log holds.</p></Empty>}
      {given.map((p) => <OnePlot key={p.title} id={id} shown={p} clock={clock} range={range} spans={spans} bands={bands} />)}
      {extra.map((series, i) => (
        <OnePlot
          key={series.join()} id={id} clock={clock} range={range} spans={spans} bands={bands}
          shown={{ title: series.length === 1 ? seriesName(series[0]!) : `${series.length} series`, unit: '', lines: series.map((s) => ({ series: s, name: seriesName(s) })), limits: [], isDecisive: false }}
          onRemove={() => setAdded(formatAdded(extra.filter((_, j) => j !== i)))}
        />
      ))}
    </section>
  );
}

interface OneProps {
  id: string;
  shown: Shown;
  clock: Clock;
  range: Range;
  spans: readonly Span[];
  bands: readonly Band[];
  onRemove?: () => void;
}

function OnePlot({ id, shown, clock, range, spans, bands, onRemove }: OneProps): JSX.Element {
  const [ref, seen] = useSeen();
  const { lines, unit, error, loading } = useSeries(id, shown.lines, range, seen);
  return (
    <div ref={ref}>
      {error ? <Failed error={error} /> : loading || !lines.length ? <Loading what={shown.title} height={160} /> : (
        <Plot
          title={shown.title} unit={shown.unit || unit} lines={lines} limits={shown.limits} spans={spans} bands={bands}
          clock={clock} range={range} syncKey={id} isDecisive={shown.isDecisive} {...(onRemove ? { onRemove } : {})}
        />
      )}
    </div>
  );
}

/** Names of the bands and spans, above the plots and on their axis. */
function Phases({ bands, spans, range }: { bands: readonly Band[]; spans: readonly Span[]; range: Range }): JSX.Element {
  const [ref, from, to] = useRange(range);
  const at = (t: number): number => ((t - from) / (to - from)) * 100;
  const clip = (a: number, b: number): { left: string; width: string } | null => {
    const l = Math.max(0, at(a));
    const r = Math.min(100, at(b));
    return r < 0 || l > 100 || r < l ? null : { left: `${l}%`, width: `${Math.max(r - l, 0.15)}%` };
  };
  const lanes: Span[][] = [];
  // a name needs room: after its span's begin, or before it where the plot ends
  const room = (s: Span): number => ((s.title.length * 6.6 + 12) / Math.max(240, Math.min(innerWidth, 1500) - 130)) * (to - from);
  const isLeft = (s: Span): boolean => s.from + room(s) > to && s.from - room(s) >= from;
  const extent = (s: Span): [number, number] => (isLeft(s) ? [s.from - room(s), s.to] : [s.from, Math.max(s.to, s.from + room(s))]);
  for (const s of [...spans].sort((a, b) => extent(a)[0] - extent(b)[0])) {
    if (s.to < from || s.from > to) continue;
    const lane = lanes.find((l) => extent(l.at(-1)!)[1] < extent(s)[0]);
    if (lane) lane.push(s);
    else if (lanes.length < 6) lanes.push([s]);
  }
  return (
    <div class="phase-strip" ref={ref} aria-hidden="true">
      <div class="lane-strip">
        {bands.map((b, i) => {
          const place = clip(b.from, b.to);
          return place && <span key={i} class={`phase-band${i % 2 ? '' : ' odd'}`} style={place} title={`${plain(b.phase)}`}>{plain(b.phase)}</span>;
        })}
      </div>
      {lanes.map((lane, i) => (
        <div class="lane-strip" key={i}>
          {lane.map((s, j) => {
            const place = clip(s.from, s.to);
            return place && <span key={j} class={`span-band sev-${s.severity}${isLeft(s) ? ' is-left' : ''}`} style={place} title={s.title}><b>{s.title}</b></span>;
          })}
        </div>
      ))}
    </div>
  );
}

function useRange(range: Range): [{ current: HTMLDivElement | null }, number, number] {
  const ref = useRef<HTMLDivElement>(null);
  const [, redraw] = useState(0);
  useEffect(() => {
    let frame = 0;
    const stop = range.subscribe(() => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => redraw((n) => n + 1));
    });
    return () => {
      cancelAnimationFrame(frame);
      stop();
    };
  }, [range]);
  return [ref, range.min, range.max];
}
