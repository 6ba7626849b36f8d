// 2 to 8 sorties on one axis: aligned at an instant that all have, with maps and parameters.
import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { type Schemas, address, get, getBytes } from '../api/client';
import { Columns } from '../api/columns';
import { useData } from '../api/data';
import { Clock, Range } from '../app/clock';
import { useKeys } from '../app/keys';
import { change, useQuery, useRoute } from '../app/router';
import { sortieLink, to, useCampaign, useSession } from '../app/session';
import { useSettings } from '../app/settings';
import { type Line, Plot } from '../charts/plot';
import { fetchSeries, useSeen } from '../charts/series';
import { Stage, type StageTrack } from '../map/stage';
import { type Origin, east, latOf, lonOf, north } from '../map/enu';
import { type FlownTrack, trackOf } from '../map/track';
import { type Column, Grid } from '../ui/grid';
import { Outcome } from '../ui/marks';
import { Player } from '../ui/player';
import { Empty, Failed, Loading } from '../ui/state';
import { plain, plural, vehicleName } from '../words/plain';
import { clock as shownClock, duration, quantity, utc } from '../words/units';
import { parameter } from './sortie/parameters';

type Side = Schemas['SideBySide'];
const COLOURS = ['blue', 'vermillion', 'green', 'purple', 'orange', 'sky', 'ink', 'plan'];
const USUAL = ['position.height', 'gnss.speed', 'velocity.down', 'attitude.roll', 'attitude.pitch', 'throttle.demand', 'battery.voltage', 'battery.current'];
const SPEEDS = [0.25, 0.5, 1, 2, 5, 10, 30];

export default function Compare(): JSX.Element {
  const { query } = useRoute();
  const campaign = useCampaign();
  const ids = (query.get('ids') ?? '').split(',').filter(Boolean);
  const [align, setAlign] = useQuery('align', 'takeoff');
  const ok = ids.length >= 2 && ids.length <= 8;
  const found = useData(ok ? `compare/${campaign}/${ids.join()}/${align}` : null, (signal) => get('/api/compare', { query: { id: ids, align, campaign }, signal }));
  if (!ok) {
    return <Empty page="Compare" title="Choose 2 to 8 sorties to compare"><p>Tick them in the <a href={to(['sorties'])}>table of sorties</a>, then press <kbd>x</kbd> or Compare.</p></Empty>;
  }
  if (found.error) return <Failed page="Compare" error={found.error} again={found.again} />;
  if (!found.data) return <Loading page="Compare" what="the comparison" height={600} />;
  return <Shown key={`${ids.join()}/${align}`} side={found.data} setAlign={setAlign} ids={ids} />;
}

const nameOf = (r: Schemas['SortieRow']): string => `${vehicleName(r.vehicle)} ${(r.start_utc ?? '').slice(5, 16).replace('T', ' ')} ${plain(r.outcome)}`.trim();

function Shown({ side, setAlign, ids }: { side: Side; setAlign: (a: string) => void; ids: string[] }): JSX.Element {
  const { words } = useSession();
  const sorties = side.sorties.filter((s) => s.zero_s !== null);
  const { clock, range } = useMemo(() => {
    const from = Math.min(0, ...sorties.map((s) => s.start_s - s.zero_s!));
    const until = Math.max(1, ...sorties.map((s) => s.end_s - s.zero_s!));
    return { clock: new Clock(0, from, until), range: new Range(from, until) };
  }, [side]);
  useKeys([
    { keys: 'space', says: 'Play or pause', run: () => clock.toggle() },
    { keys: '+ / =', says: 'Plots: zoom in', run: () => range.zoom(0.6, clock.t) },
    { keys: '-', says: 'Plots: zoom out', run: () => range.zoom(1 / 0.6, clock.t) },
    { keys: '0', says: 'Plots: all', run: () => range.reset() },
  ], [clock, range]);
  const tracks = useTracks(sorties);
  const [over, setOver] = useQuery('over');
  const isLaidOver = over ? over === '1' : areFar(tracks.data ?? []);
  const shown = useMemo(() => tracks.data && coloured(tracks.data, side, isLaidOver), [tracks.data, side, isLaidOver]);
  const at = (a: string): string => (a === 'arming' ? 'arming' : a === 'takeoff' ? 'take-off' : `first ${words.kinds[a.replace('finding:', '')] ?? a}`);
  return (
    <>
      <div class="page-head">
        <div><h1>{side.sorties.length} sorties compared</h1><p>0 s is the instant of {at(side.align)}</p></div>
        <div class="actions no-print">
          <label class="small">Align at <select value={side.align} onChange={(e) => setAlign(e.currentTarget.value)}>
            {side.alignments.map((a) => <option key={a} value={a}>{at(a)}</option>)}
          </select></label>
        </div>
      </div>
      <ul class="compared">
        {side.sorties.map((s, i) => (
          <li key={s.row.sortie_id}>
            <i class="swatch" style={{ background: `var(--${COLOURS[i]})` }} aria-hidden="true" /> <a href={sortieLink(s.row.sortie_id)}><Outcome of={s.row.outcome} strong /></a>{s.row.cause && ` ${plain(s.row.cause)}`}
            <span class="soft"> {s.row.candidate} {vehicleName(s.row.vehicle)} · {utc(s.row.start_utc)} · {duration(s.row.airborne_s)}{s.zero_s === null && ' · has no such instant, left out of plots'}</span>
            {ids.length > 2 && <button type="button" class="plain small no-print" onClick={() => change({ ids: ids.filter((x) => x !== s.row.sortie_id).join() })} aria-label={`Remove ${s.row.log_name}`}>×</button>}
          </li>
        ))}
      </ul>
      {tracks.error ? <Failed error={tracks.error} /> : !shown ? <Loading what="the map" height={380} /> : <Stage tracks={shown} clock={clock} mode="" onMode={() => undefined} height={380} />}
      <p class="row small no-print"><label class="check"><input type="checkbox" checked={isLaidOver} onChange={(e) => setOver(e.currentTarget.checked ? '1' : '0')} />lay the tracks over each other, first place on first place</label></p>
      <Player clock={clock} speeds={SPEEDS} text={shownClock} label="Playback" />
      <Channels side={side} clock={clock} range={range} />
      <Measures side={side} />
      <ParameterDiff side={side} />
    </>
  );
}

function useTracks(sorties: Side['sorties']): { data: StageTrack[] | undefined; error: unknown } {
  const key = sorties.map((s) => s.row.sortie_id).join();
  return useData(`tracks/${key}`, (signal) => Promise.all(sorties.map(async (s): Promise<StageTrack> => ({
    id: s.row.sortie_id, label: nameOf(s.row), colour: 'ink', zero: 0,
    track: trackOf(new Columns(await getBytes(address('/api/sorties/{sortie}/track', { sortie: s.row.sortie_id }), signal))),
  }))), true);
}

function coloured(tracks: StageTrack[], side: Side, isLaidOver: boolean): StageTrack[] {
  const first = tracks.find((t) => t.track.origin)?.track.origin;
  return tracks.map((t) => {
    const i = side.sorties.findIndex((s) => s.row.sortie_id === t.id);
    const own = { ...t, colour: COLOURS[i] ?? 'ink', zero: side.sorties[i]?.zero_s ?? 0 };
    return isLaidOver && first ? { ...own, track: moved(t.track, first) } : own;
  });
}

/** Further apart than this [m], tracks are dots on a map of the world. */
const FAR = 20_000;

const areFar = (tracks: readonly StageTrack[]): boolean => {
  const places = tracks.flatMap((t) => (t.track.origin ? [t.track.origin] : []));
  return places.some((p) => Math.hypot(east(places[0]!, p.lon), north(places[0]!, p.lat)) > FAR);
};

/** A track that begins at another place; its metres stay what they were. */
function moved(track: FlownTrack, to: Origin): FlownTrack {
  return { ...track, origin: to, lat: track.north.map((n) => latOf(to, n)), lon: track.east.map((e) => lonOf(to, e)) };
}

function Channels({ side, clock, range }: { side: Side; clock: Clock; range: Range }): JSX.Element {
  const counts = new Map<string, number>();
  for (const s of side.sorties) for (const c of s.channels) counts.set(c, (counts.get(c) ?? 0) + 1);
  const common = [...counts].filter(([, n]) => n >= 2).map(([c]) => c).sort();
  const usual = USUAL.filter((c) => common.includes(c)).slice(0, 6).join(',');
  const [text, setText] = useQuery('channels', usual);
  const shown = text.split(',').filter((c) => common.includes(c));
  return (
    <section class="block" aria-labelledby="signals">
      <div class="row plot-tools">
        <h2 id="signals">Signals</h2>
        <label class="small no-print">Add <select value="" onChange={(e) => { if (e.currentTarget.value) setText([...shown, e.currentTarget.value].join(',')); }}>
          <option value="">a channel…</option>
          {common.filter((c) => !shown.includes(c)).map((c) => <option key={c} value={c}>{c}</option>)}
        </select></label>
        <span class="row no-print" style={{ marginLeft: 'auto' }}>
          <button type="button" onClick={() => range.zoom(0.5, clock.t)} aria-label="Zoom in">+</button>
          <button type="button" onClick={() => range.zoom(2, clock.t)} aria-label="Zoom out">−</button>
          <button type="button" onClick={() => range.reset()}>All</button>
        </span>
      </div>
      {shown.map((c) => <Channel key={c} channel={c} side={side} clock={clock} range={range} onRemove={() => setText(shown.filter((x) => x !== c).join(','))} />)}
      {!shown.length && <Empty title="No channel is chosen"><p>Add one that at least two of the logs carry.</p></Empty>}
    </section>
  );
}

function Channel({ channel, side, clock, range, onRemove }: { channel: string; side: Side; clock: Clock; range: Range; onRemove: () => void }): JSX.Element {
  const [ref, seen] = useSeen();
  const [state, setState] = useState<{ lines: Line[]; unit: string } | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  useEffect(() => {
    if (!seen) return;
    const stop = new AbortController();
    let timer = 0;
    const load = (): void => {
      const with_ = side.sorties.filter((s) => s.zero_s !== null && s.channels.includes(channel));
      const long = range.max - range.min;
      Promise.all(with_.map(async (s) => {
        const zero = s.zero_s!;
        const { lines, unit } = await fetchSeries(s.row.sortie_id, [{ series: `channel:${channel}`, name: nameOf(s.row) }], range.min - long + zero, range.max + long + zero, Math.min(4096, innerWidth * 3), stop.signal);
        const line = lines[0]!;
        return { unit, line: { ...line, t: line.t.map((t) => t - zero) } };
      })).then((all) => setState({ lines: all.map((a) => a.line), unit: all[0]?.unit ?? '' }), (error: unknown) => { if (!stop.signal.aborted) setFailed(error); });
    };
    load();
    const leave = range.subscribe(() => {
      clearTimeout(timer);
      timer = window.setTimeout(load, 160);
    });
    return () => {
      clearTimeout(timer);
      stop.abort();
      leave();
    };
  }, [seen, channel, side, range]);
  return (
    <div ref={ref}>
      {failed ? <Failed error={failed} /> : !state ? <Loading what={channel} height={160} />
        : <Plot title={channel} unit={state.unit} lines={state.lines} clock={clock} range={range} syncKey="compare" onRemove={onRemove} />}
    </div>
  );
}

function Measures({ side }: { side: Side }): JSX.Element {
  const { units } = useSettings();
  const { words } = useSession();
  const names = [...new Set(side.sorties.flatMap((s) => Object.keys(s.measures)))].filter((n) => side.sorties.some((s) => s.measures[n] !== null && s.measures[n] !== undefined));
  return (
    <section class="block" aria-labelledby="measures">
      <header><h2 id="measures">Measures</h2></header>
      <div class="scroll" tabIndex={0} role="region" aria-label="Measures">
        <table class="t">
          <thead><tr><th>measure</th>{side.sorties.map((s) => <th key={s.row.sortie_id} class="num">{vehicleName(s.row.vehicle)}<br />{s.row.start_utc ? s.row.start_utc.slice(0, 16).replace('T', ' ') : s.row.log_name}</th>)}</tr></thead>
          <tbody>{names.map((n) => <tr key={n}><td>{words.measures[n] ?? plain(n)}</td>{side.sorties.map((s) => <td key={s.row.sortie_id} class="num">{quantity(s.measures[n], side.units[n] ?? '', units)}</td>)}</tr>)}</tbody>
        </table>
      </div>
    </section>
  );
}

function ParameterDiff({ side }: { side: Side }): JSX.Element {
  const columns: Column<Schemas['ComparedParameter']>[] = [
    { id: 'name', title: 'parameter', width: 'minmax(180px, 1fr)', cell: (p) => <code>{p.name}</code> },
    ...side.sorties.map((s, i): Column<Schemas['ComparedParameter']> => ({
      id: s.row.sortie_id, title: `${vehicleName(s.row.vehicle)} ${(s.row.start_utc ?? '').slice(5, 16).replace('T', ' ')}`, width: 'minmax(110px, 160px)', num: true, cell: (p) => parameter(p.values[i] ?? null),
    })),
  ];
  return (
    <section class="block" aria-labelledby="parameters">
      <header><h2 id="parameters">Parameters that differ</h2><span class="note">{plural(side.same_parameters, 'parameter')} are the same in all</span></header>
      {side.parameters.length
        ? <Grid label="Parameters that differ" columns={columns} total={side.parameters.length} row={(i) => side.parameters[i]} keyOf={(p) => p.name} rowHeight={28} />
        : <p class="soft">None differs, of those that the logs hold.</p>}
    </section>
  );
}
