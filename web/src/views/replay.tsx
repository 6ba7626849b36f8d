// Every vehicle of a day, or of a window, at once on one clock.
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { address, get, getBytes } from '../api/client';
import { Columns } from '../api/columns';
import { useData } from '../api/data';
import { Clock } from '../app/clock';
import { useKeys } from '../app/keys';
import { change, useQuery, useRoute } from '../app/router';
import { sortieLink, to, useCampaign, useSession } from '../app/session';
import { useSettings } from '../app/settings';
import { type Replay as Data, Swarm, calledIn, nearest, replayOf, stateOf } from '../map/swarm';
import { boundsOf, sitesOf } from '../map/track';
import { Outcome, Sign, outcomeColour } from '../ui/marks';
import { Player } from '../ui/player';
import { Empty, Failed, Loading } from '../ui/state';
import { plain, plural } from '../words/plain';
import { quantity } from '../words/units';

const SPEEDS = [0.5, 1, 2, 5, 10, 30, 60, 120];
const TRAILS: [number, string][] = [[0, 'whole'], [15, '15 s'], [60, '1 min'], [300, '5 min']];
const time = (s: number): string => `${new Date(s * 1000).toISOString().slice(11, 19)} UTC`;

export default function Replay(): JSX.Element {
  const campaign = useCampaign();
  const { query } = useRoute();
  const days = useData('replay/days', (signal) => get('/api/replay/days', { signal }));
  const ids = (query.get('ids') ?? '').split(',').filter(Boolean);
  const day = query.get('day') ?? days.data?.days[0]?.day ?? '';
  const start = query.get('start') ?? (day && !ids.length ? `${day}T00:00:00Z` : '');
  const end = query.get('end') ?? (day && !ids.length ? `${nextDay(day)}T00:00:00Z` : '');
  const key = start || ids.length ? `replay/${campaign}/${start}/${end}/${ids.join()}` : null;
  const found = useData(key, async (signal) => replayOf(new Columns(await getBytes(address('/api/replay', {}, { campaign, start, end, id: ids, rate_hz: 1 }), signal))), true);
  if (days.error) return <Failed page="Replay" error={days.error} again={days.again} />;
  if (!days.data) return <Loading page="Replay" what="the days" height={500} />;
  if (!days.data.days.length) {
    return <Empty page="Replay" title="No day can be replayed"><p>A replay needs logs that hold places and a time of day (from their GNSS receiver). {plural(days.data.without_utc, 'sortie')} in the store tell none.</p></Empty>;
  }
  const chosen = days.data.days.find((d) => d.day === day);
  return (
    <>
      <div class="page-head">
        <div><h1>Replay</h1><p>{found.data ? `${plural(found.data.vehicles.length, 'sortie')} on one clock` : chosen ? plural(chosen.sorties, 'sortie') : ''}{ids.length > 0 && ', chosen in the table'}</p></div>
        <div class="actions no-print">
          <label class="small">Day <select value={day} onChange={(e) => change({ day: e.currentTarget.value, t: null, start: null, end: null, ids: null })}>
            {!chosen && <option value={day}>{day}</option>}
            {days.data.days.map((d) => <option key={d.day} value={d.day}>{`${d.day} (${plural(d.sorties, 'sortie')}, ${plural(d.vehicles, 'vehicle')})`}</option>)}
          </select></label>
        </div>
      </div>
      {found.error ? <Failed error={found.error} again={found.again} /> : !found.data ? <Loading what="tracks" height={520} />
        : !found.data.vehicles.length ? <Empty title="Nothing flew in this window"><p>Choose another day.</p></Empty>
        : <Shown key={key} data={found.data} />}
    </>
  );
}

function nextDay(day: string): string {
  const at = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(at) ? day : new Date(at + 86_400_000).toISOString().slice(0, 10);
}

function Shown({ data }: { data: Data }): JSX.Element {
  const { query } = useRoute();
  const { theme, units } = useSettings();
  const { about } = useSession();
  const clock = useMemo(() => {
    const asked = Number(query.get('t'));
    const made = new Clock(query.get('t') && Number.isFinite(asked) ? asked : data.start, data.start, Math.max(data.end, data.start + 1));
    made.speed = data.end - data.start > 1800 ? 30 : 5;
    return made;
  }, [data]);
  const [trail, setTrail] = useQuery('trail', '60');
  const sites = useMemo(() => sitesOf(data.tracks), [data]);
  const [asked, setSite] = useQuery('site', '0');
  const site = sites[Number(asked)] ? Number(asked) : 0;
  const [selected, setSelected] = useState(-1);
  const select = (i: number): void => {
    setSelected(i);
    const its = sites.findIndex((own) => own.includes(i));
    if (its >= 0 && its !== site) setSite(String(its)); // who is chosen is in sight
  };
  const host = useRef<HTMLDivElement>(null);
  const swarm = useRef<Swarm | null>(null);
  const [failed, setFailed] = useState('');
  useEffect(() => {
    let stop = (): void => undefined;
    let isGone = false;
    void import('../map/map').then(async ({ FlightMap }) => {
      const bounds = boundsOf((sites[site] ?? []).map((i) => data.tracks[i]!), 200);
      if (isGone || !bounds) return;
      const map = new FlightMap(host.current!, { lat: (bounds[1] + bounds[3]) / 2, lon: (bounds[0] + bounds[2]) / 2 }, bounds);
      await map.ready;
      if (isGone) return map.remove();
      if (about.basemap) void map.base(address('/api/basemap')).catch(() => undefined); // the replay goes on without
      const made = new Swarm(map, data);
      swarm.current = made;
      map.map.on('click', (e) => setSelected(made.at(e.point.x, e.point.y)));
      const move = (): void => made.set(clock.t);
      move();
      host.current!.dataset.ready = 'yes';
      const leave = clock.subscribe(move);
      stop = () => {
        leave();
        made.remove();
        map.remove();
        swarm.current = null;
      };
    }).catch((problem: unknown) => setFailed(String((problem as Error).message ?? problem)));
    return () => {
      isGone = true;
      stop();
    };
  }, [data, theme, site]);
  useEffect(() => {
    if (!swarm.current) return;
    swarm.current.trail = Number(trail);
    swarm.current.selected = selected;
    swarm.current.soon();
  });
  useEffect(() => () => clock.pause(), [clock]);
  useUrl(clock);
  useKeys([
    { keys: 'space', says: 'Play or pause', run: () => clock.toggle() },
    { keys: 'ArrowLeft', says: 'Ten seconds back', run: (e) => clock.set(clock.t - (e.shiftKey ? 60 : 10)) },
    { keys: 'ArrowRight', says: 'Ten seconds on (with shift: a minute)', run: (e) => clock.set(clock.t + (e.shiftKey ? 60 : 10)) },
    { keys: 'n', says: 'To the smallest separation', run: () => { if (data.closest) clock.set(data.closest.t_utc_s); } },
  ], [clock]);
  const marks = useMemo(() => data.vehicles.filter((v) => v.outcome !== 'completed').map((v) => ({ t: v.end_utc_s, colour: outcomeColour(v.outcome), title: `${calledIn(v)}: ${plain(v.outcome)}` })), [data]);
  return (
    <div class="replay">
      <div class="replay-main">
        {sites.length > 1 && (
          <p class="row small no-print"><label>Flown at {sites.length} sites; shown: <select value={String(site)} onChange={(e) => setSite(e.currentTarget.value)}>
            {sites.map((own, i) => <option key={i} value={String(i)}>{`${placeOf(data, own)} (${plural(own.length, 'sortie')})`}</option>)}
          </select></label></p>
        )}
        {failed ? <Empty title="The map cannot be drawn here"><p>This browser gives no WebGL ({failed}).</p></Empty>
          : <div class="stage" style={{ height: 'min(62vh, 640px)' }}><div class="map" ref={host} /></div>}
        <Player clock={clock} speeds={SPEEDS} text={time} marks={marks} label="Replay" />
        <Separation data={data} clock={clock} units={units} />
        <div class="row no-print">
          <label class="small">Trails <select value={trail} onChange={(e) => setTrail(e.currentTarget.value)}>{TRAILS.map(([s, says]) => <option key={s} value={String(s)}>{says}</option>)}</select></label>
        </div>
      </div>
      <Vehicles data={data} clock={clock} selected={selected} select={select} />
    </div>
  );
}

/** Where a site lies: degrees, since no name is known here. */
function placeOf(data: Data, own: number[]): string {
  const b = boundsOf(own.map((i) => data.tracks[i]!));
  if (!b) return 'nowhere';
  const [lat, lon] = [(b[1] + b[3]) / 2, (b[0] + b[2]) / 2];
  return `${Math.abs(lat).toFixed(2)}° ${lat < 0 ? 'S' : 'N'}, ${Math.abs(lon).toFixed(2)}° ${lon < 0 ? 'W' : 'E'}`;
}

function useUrl(clock: Clock): void {
  useEffect(() => {
    let timer = 0;
    const stop = clock.subscribe(() => {
      clearTimeout(timer);
      if (!clock.playing) timer = window.setTimeout(() => change({ t: clock.t.toFixed(1) }), 350);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [clock]);
}

/** Where the drawing of separation ends. */
const FAR_M = 10_000;

/** The distance of the nearest two over time, and now. */
function Separation({ data, clock, units }: { data: Data; clock: Clock; units: 'si' | 'aviation' }): JSX.Element | null {
  const now = useRef<HTMLParagraphElement>(null);
  const head = useRef<SVGLineElement>(null);
  const { sep, closest } = data;
  const long = clock.end - clock.start;
  const x = (t: number): number => ((t - clock.start) / long) * 1000;
  const points = useMemo(() => {
    // logarithmic: what matters is whether it is 3 m or 30, not 3 km or 4
    const y = (m: number): number => 56 - Math.max(0, Math.min(1, Math.log10(Math.max(m, 1)) / 4)) * 50;
    const parts: string[] = [];
    let part = '';
    const every = Math.max(1, Math.floor(sep.t.length / 2000));
    for (let i = 0; i < sep.t.length; i += every) {
      let m = Infinity;
      for (let j = i; j < Math.min(i + every, sep.t.length); j += 1) if (sep.m[j]! < m) m = sep.m[j]!;
      if (Number.isFinite(m)) part += `${part ? 'L' : 'M'}${x(sep.t[i]!).toFixed(1)} ${y(m).toFixed(1)}`;
      else if (part) {
        parts.push(part);
        part = '';
      }
    }
    return [...parts, part].join('');
  }, [data]);
  useEffect(() => {
    const draw = (): void => {
      const at = x(clock.t);
      head.current?.setAttribute('x1', String(at));
      head.current?.setAttribute('x2', String(at));
      const near = nearest(data, clock.t);
      const name = (i: number): string => calledIn(data.vehicles[i]);
      if (now.current) now.current.textContent = near ? `Now: ${quantity(near.m, 'm', units)} between ${name(near.a)} and ${name(near.b)}` : 'Now: fewer than two in the air';
    };
    draw();
    return clock.subscribe(draw);
  }, [data, clock, units]);
  if (closest && closest.m > FAR_M) return <p class="note">No two vehicles came nearer to each other than {quantity(closest.m, 'm', units)}: they flew at different sites.</p>;
  if (!sep.t.length || !closest) return <p class="note">No two vehicles were in the air at the same time, so there is no separation to show.</p>;
  return (
    <section class="block separation" aria-labelledby="separation">
      <header>
        <h2 id="separation">Separation</h2>
        <span class="note">the nearest two, 1 m to 10 km, logarithmic</span>
        <button type="button" class="at" onClick={() => clock.set(closest.t_utc_s)}>smallest: {quantity(closest.m, 'm', units)} at {time(closest.t_utc_s)}</button>
      </header>
      <svg viewBox="0 0 1000 60" width="100%" height="60" preserveAspectRatio="none" role="img" aria-label={`Smallest separation ${quantity(closest.m, 'm', units)} at ${time(closest.t_utc_s)}`}>
        {[1, 10, 100, 1000].map((m) => <line key={m} class="gridline" vector-effect="non-scaling-stroke" x1="0" x2="1000" y1={56 - Math.log10(m) * 12.5} y2={56 - Math.log10(m) * 12.5} />)}
        <path d={points} fill="none" stroke="var(--purple)" stroke-width="1.6" vector-effect="non-scaling-stroke" />
        <line ref={head} y1="0" y2="60" stroke="var(--ink)" stroke-width="1.5" vector-effect="non-scaling-stroke" />
      </svg>
      <p ref={now} class="small" />
    </section>
  );
}

function Vehicles({ data, clock, selected, select }: { data: Data; clock: Clock; selected: number; select: (i: number) => void }): JSX.Element {
  const [states, setStates] = useState(() => data.vehicles.map((v) => stateOf(v, clock.t)));
  useEffect(() => {
    let before = '';
    const draw = (): void => {
      const next = data.vehicles.map((v) => stateOf(v, clock.t));
      const text = next.join();
      if (text !== before) setStates(next); // only when somebody took off or came down
      before = text;
    };
    draw();
    return clock.subscribe(draw);
  }, [data, clock]);
  const n = (s: string): number => states.filter((x) => x === s).length;
  const chosen = data.vehicles[selected];
  return (
    <aside class="replay-side" aria-label="Vehicles">
      <p role="status" class="small"><b>{n('flying')}</b> in the air · {n('waiting')} to come · {n('ended')} ended</p>
      {chosen && (
        <div class="notice">
          <h3>{chosen.candidate} {calledIn(chosen)}</h3>
          <p><Outcome of={chosen.outcome} />{chosen.cause && `, ${plain(chosen.cause)}`}</p>
          <p><a href={sortieLink(chosen.sortie_id)}>Open the sortie</a></p>
        </div>
      )}
      <ol class="replay-list" tabIndex={0} aria-label="Vehicles of the replay">
        {data.vehicles.map((v, i) => (
          <li key={v.sortie_id} class={states[i]}>
            <button type="button" class="plain" aria-pressed={i === selected} onClick={() => { select(i === selected ? -1 : i); if (states[i] !== 'flying') clock.set(states[i] === 'waiting' ? v.start_utc_s : v.end_utc_s); }}>
              {states[i] === 'ended' ? <Sign of={v.outcome} /> : <span class="dot" aria-hidden="true" />}
              <span title={v.vehicle}>{calledIn(v)}</span>
              <span class="soft small">{states[i] === 'ended' ? plain(v.outcome) : states[i] === 'flying' ? 'in the air' : time(v.start_utc_s).slice(0, 8)}</span>
            </button>
          </li>
        ))}
      </ol>
      <p class="small"><a href={to(['sorties'], { ids: data.vehicles.slice(0, 8).map((v) => v.sortie_id).join() })}>In the table</a></p>
    </aside>
  );
}
