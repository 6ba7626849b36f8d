// The flight: why, where, and the signals that decide, all on one clock.
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { type Schemas, address, get, getBytes } from '../../api/client';
import { Columns } from '../../api/columns';
import { useData } from '../../api/data';
import type { Clock, Range } from '../../app/clock';
import { useKeys } from '../../app/keys';
import { change, useQuery } from '../../app/router';
import { sortieLink } from '../../app/session';
import { useSettings } from '../../app/settings';
import { type Spot, Stage } from '../../map/stage';
import { Attitude } from '../../map/attitude';
import { type FlownTrack, trackOf } from '../../map/track';
import { Outcome, outcomeColour } from '../../ui/marks';
import { Player } from '../../ui/player';
import { Failed, Loading } from '../../ui/state';
import { plain } from '../../words/plain';
import { clock as shownClock, quantity } from '../../words/units';
import type { Page } from './index';
import { Plots } from './plots';
import { Findings, Why } from './why';

const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 30];

export function useTrack(id: string): { track: FlownTrack | undefined; error: unknown } {
  const found = useData(`track/${id}`, async (signal) => trackOf(new Columns(await getBytes(address('/api/sorties/{sortie}/track', { sortie: id }), signal))), true);
  return { track: found.data, error: found.error };
}

/** The plan; undefined until it is known whether there is one, so that the map is built once. */
function usePlan(id: string): Schemas['Plan'] | null | undefined {
  const found = useData(`plan/${id}`, (signal) => get('/api/sorties/{sortie}/plan', { path: { sortie: id }, signal }), true);
  return found.error ? null : found.data;
}

export function Flight({ page, clock, range }: { page: Page; clock: Clock; range: Range }): JSX.Element {
  const id = page.row.sortie_id;
  const { track, error } = useTrack(id);
  const plan = usePlan(id);
  const [mode, setMode] = useQuery('view');
  const tracks = useMemo(() => (track ? [{ id, track, colour: 'blue', label: page.row.log_name, zero: 0 }] : []), [track]);
  const spots = useMemo(() => spotsOf(page), [page]);
  const jump = (t: number): void => {
    clock.pause();
    clock.set(t);
    range.show(t);
    if (range.max - range.min > 0.98 * (range.high - range.low) && range.high - range.low > 60) range.set(t - 15, t + 15);
  };
  useUrl(clock, range);
  useKeys([
    { keys: 'space', says: 'Play or pause', run: () => clock.toggle() },
    { keys: 'ArrowLeft', says: 'A second back', run: (e) => clock.set(clock.t - (e.shiftKey ? 10 : 1)) },
    { keys: 'ArrowRight', says: 'A second on (with shift: ten)', run: (e) => clock.set(clock.t + (e.shiftKey ? 10 : 1)) },
    { keys: '+ / =', says: 'Plots: zoom in about the instant', run: () => range.zoom(0.6, clock.t) },
    { keys: '-', says: 'Plots: zoom out', run: () => range.zoom(1 / 0.6, clock.t) },
    { keys: '0', says: 'Plots: the whole sortie', run: () => range.reset() },
    { keys: 'a', says: 'Plots: earlier', run: () => range.pan(-0.3) },
    { keys: 'l', says: 'Plots: later', run: () => range.pan(0.3) },
    { keys: 'j', says: 'To the cause', run: () => { if (page.cause?.onset_s != null) jump(page.cause.onset_s); } },
    { keys: 'm', says: 'Map or 3-D path', run: () => setMode(mode === '3d' ? '' : '3d') },
  ], [clock, range, mode]);
  const marks = page.findings.map((f) => ({ t: f.onset_s, colour: f.severity === 'critical' ? 'vermillion' : f.severity === 'warning' ? 'orange' : 'plan', title: f.title }));
  return (
    <>
      <div class="columns even">
        <Why page={page} jump={jump} />
        <section class="block" aria-label="Where it flew">
          {error ? <Failed error={error} /> : !track || plan === undefined ? <Loading what="the track" height={420} />
            : <Stage tracks={tracks} clock={clock} spots={spots} plan={plan} mode={mode} onMode={setMode} />}
          {track && <Attitude track={track} clock={clock} />}
        </section>
      </div>
      <Player clock={clock} speeds={SPEEDS} text={shownClock} marks={marks} label="Playback" />
      <Plots page={page} clock={clock} range={range} />
      <div class="columns even">
        <div><Findings page={page} jump={jump} /></div>
        <div>
          <Story id={id} jump={jump} />
          <Measures page={page} />
          <Linked page={page} />
          <Similar page={page} range={range} />
        </div>
      </div>
    </>
  );
}

/** Instant and stretch go into the address, so that a link shows what was seen. */
function useUrl(clock: Clock, range: Range): void {
  useEffect(() => {
    let timer = 0;
    const write = (): void => {
      clearTimeout(timer);
      if (clock.playing) return;
      timer = window.setTimeout(() => {
        const isWhole = range.min <= range.low && range.max >= range.high;
        change({ t: clock.t.toFixed(2), from: isWhole ? null : range.min.toFixed(2), to: isWhole ? null : range.max.toFixed(2) });
      }, 350);
    };
    const stops = [clock.subscribe(write), range.subscribe(write)];
    return () => {
      clearTimeout(timer);
      clock.pause();
      for (const stop of stops) stop();
    };
  }, [clock, range]);
}

function spotsOf(page: Page): Spot[] {
  const spots: Spot[] = [];
  const { cause, row } = page;
  if (cause?.onset_s != null) spots.push({ t: cause.onset_s, label: plain(cause.kind), sign: 'forced_landing', colour: 'orange' });
  spots.push({ t: page.end_s, label: plain(row.outcome), sign: row.outcome, colour: outcomeColour(row.outcome) });
  return spots;
}

function Story({ id, jump }: { id: string; jump: (t: number) => void }): JSX.Element {
  const found = useData(`story/${id}`, (signal) => get('/api/sorties/{sortie}/story', { path: { sortie: id }, signal }));
  return (
    <section class="block" aria-labelledby="story">
      <header><h2 id="story">The sortie in words</h2></header>
      {found.error ? <Failed error={found.error} /> : !found.data ? <Loading what="the story" height={120} /> : (
        <ol class="story">
          {found.data.entries.map((e, i) => (
            <li key={i} class={`${e.sort}${e.severity ? ` sev-${e.severity}` : ''}`}>
              <button type="button" class="at" onClick={() => jump(e.t_s)}>{shownClock(e.t_s)}</button><span>{e.says}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function Measures({ page }: { page: Page }): JSX.Element {
  const { units } = useSettings();
  const known = page.measures.filter((m) => m.value !== null);
  const absent = page.measures.filter((m) => m.value === null);
  return (
    <section class="block" aria-labelledby="measures">
      <header><h2 id="measures">Measures</h2></header>
      <dl class="measure-list">{known.map((m) => <div key={m.measure}><dt>{m.title}</dt><dd>{quantity(m.value, m.unit, units)}</dd></div>)}</dl>
      {absent.length > 0 && <p class="note">Could not be measured: {absent.map((m) => m.title).join(', ')}.</p>}
    </section>
  );
}

/** Other sorties whose signals did what this one did in the stretch that the plots show. */
function Similar({ page, range }: { page: Page; range: Range }): JSX.Element {
  const [stretch, setStretch] = useQuery('similar');
  const [start, end] = stretch.split('-').map(Number);
  const id = page.row.sortie_id;
  const found = useData(stretch ? `similar/${id}/${stretch}` : null, (signal) => get('/api/sorties/{sortie}/similar', {
    path: { sortie: id }, query: { start_s: start ?? null, end_s: end ?? null, limit: 10 }, signal,
  }));
  const ask = (): void => setStretch(`${range.min.toFixed(1)}-${range.max.toFixed(1)}`);
  return (
    <section class="block" aria-labelledby="similar">
      <header><h2 id="similar">Similar sorties</h2><span class="note">whose signals did the same as here, in the stretch that the plots show</span></header>
      <p class="no-print"><button type="button" onClick={ask}>Show similar sorties</button></p>
      {found.error ? <Failed error={found.error} /> : stretch && !found.data ? <Loading what="similar sorties" height={120} /> : null}
      {found.data && (found.data.nearest.length
        ? (
          <>
            <table class="t">
              <thead><tr><th>outcome</th><th>cause</th><th>log</th><th>from</th><th class="num">distance</th></tr></thead>
              <tbody>{found.data.nearest.map((n) => (
                <tr key={n.sortie_id + n.start_s}>
                  <td><a class="opens" href={sortieLink(n.sortie_id, { from: n.start_s.toFixed(2), to: n.end_s.toFixed(2), t: n.start_s.toFixed(2) })}><Outcome of={n.outcome} /></a></td>
                  <td>{plain(n.cause)}</td><td class="wrap">{n.log_name}</td><td class="nowrap">{shownClock(n.start_s)}</td><td class="num">{n.distance.toFixed(2)}</td>
                </tr>
              ))}</tbody>
            </table>
            <p class="note">By {found.data.signals.join(', ')}, among {found.data.compared} sorties. 0 is the same movement, about 1.4 an unrelated one.</p>
          </>
        )
        : <p class="soft">None: no other sortie carries the same signals for so long.</p>)}
    </section>
  );
}

function Linked({ page }: { page: Page }): JSX.Element | null {
  const others = page.log.sorties.filter((s) => s !== page.row.sortie_id);
  if (!page.linked.length && !others.length) return null;
  return (
    <section class="block" aria-labelledby="linked">
      <header><h2 id="linked">Other recordings</h2></header>
      <ul>
        {page.linked.map((l) => (
          <li key={l.log_sha256}>
            {l.sortie_id ? <a href={sortieLink(l.sortie_id)}>{l.log_name}</a> : l.log_name}: the same flight, its clock {shownClock(Math.abs(l.offset_s))} {l.offset_s < 0 ? 'earlier' : 'later'}
            {l.uncertainty_s !== null && ` (± ${shownClock(l.uncertainty_s)})`}; linked by {plain(l.by)}{l.is_counted && '; this one counts'}
          </li>
        ))}
        {others.map((s) => <li key={s}><a href={sortieLink(s)}>Another sortie of this log</a></li>)}
      </ul>
    </section>
  );
}
