// Map or path in three dimensions, with the vehicle at the clock's instant. Both are fetched when shown.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { address } from '../api/client';
import type { Clock } from '../app/clock';
import { useSession } from '../app/session';
import { colour, useSettings } from '../app/settings';
import { SIGNS } from '../ui/marks';
import { Empty } from '../ui/state';
import { type Origin, east, north, valueAt } from './enu';
import type { FlightMap } from './map';
import { type FlownTrack, boundsOf } from './track';

export interface StageTrack {
  id: string;
  track: FlownTrack;
  colour: string;
  label: string;
  /** The track's own clock at 0 s of the stage's. */
  zero: number;
}
export interface Spot {
  t: number;
  label: string;
  sign: string;
  colour: string;
}
export interface Plan {
  waypoints: { lat: number; lon: number; height_m?: number | null }[];
}
interface Props {
  tracks: readonly StageTrack[];
  clock: Clock;
  spots?: readonly Spot[];
  plan?: Plan | null;
  mode: string;
  onMode: (mode: string) => void;
  height?: number;
}

export function Stage(props: Props): JSX.Element {
  const { tracks, mode, onMode, height = 420 } = props;
  const has = tracks.some((t) => t.track.origin);
  const can3d = tracks.length === 1 && has;
  if (!has) {
    return (
      <Empty title="No place was logged">
        <p>The log holds no position, so there is no map and no path. What it does hold is in the plots below.</p>
      </Empty>
    );
  }
  return (
    <div class="stage" style={{ height: `${height}px` }}>
      {mode === '3d' && can3d ? <Path {...props} /> : <Map {...props} />}
      {can3d && (
        <div class="over no-print" role="group" aria-label="Map or path">
          <button type="button" aria-pressed={mode !== '3d'} onClick={() => onMode('')}>Map</button>
          <button type="button" aria-pressed={mode === '3d'} onClick={() => onMode('3d')}>3-D</button>
        </div>
      )}
    </div>
  );
}

export function vehicleMarker(tint: string): HTMLElement {
  const el = document.createElement('div');
  el.className = 'vehicle-marker';
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '-13 -13 26 26');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', 'M0-11 8 10 0 5.5-8 10z');
  path.setAttribute('fill', tint);
  path.setAttribute('stroke', 'var(--ground)');
  path.setAttribute('stroke-width', '1.5');
  svg.append(path);
  el.append(svg);
  return el;
}

export function signMarker(sign: string, tint: string, label: string): HTMLElement {
  const el = document.createElement('div');
  el.className = 'place-marker map-label';
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '-2 -2 20 20');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  const found = SIGNS[sign] ?? SIGNS.undetermined!;
  path.setAttribute('d', found.d);
  path.setAttribute('fill', found.hollow ? 'none' : tint);
  path.setAttribute('stroke', found.hollow ? tint : 'var(--ground)');
  path.setAttribute('stroke-width', found.hollow ? '2.4' : '1.2');
  svg.append(path);
  const text = document.createElement('span');
  text.textContent = label;
  el.append(svg, text);
  return el;
}

function Map({ tracks, clock, spots = [], plan }: Props): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const shown = useRef<FlightMap | null>(null);
  const [failed, setFailed] = useState('');
  const [base, setBase] = useState('');
  const { theme } = useSettings();
  const { about } = useSession();
  useEffect(() => {
    let map: FlightMap | null = null;
    let isGone = false;
    let stop = (): void => undefined;
    void import('./map').then(async (module) => {
      const places = plan?.waypoints ?? [];
      const bounds = boundsOf([...tracks.map((t) => t.track), { lat: places.map((w) => w.lat), lon: places.map((w) => w.lon) }]);
      if (isGone || !bounds) return;
      map = new module.FlightMap(host.current!, tracks.find((t) => t.track.origin)!.track.origin!, bounds);
      shown.current = map;
      await map.ready;
      if (isGone) return;
      map.data('tracks', module.lines(tracks.map((t) => ({ lat: t.track.lat, lon: t.track.lon, colour: colour(t.colour) }))));
      if (places.length > 1) map.data('plan', module.lines([{ lat: places.map((w) => w.lat), lon: places.map((w) => w.lon), colour: colour('plan') }]));
      spots.forEach((s, i) => {
        const t = tracks[0]!.track;
        map!.place(`spot${i}`, valueAt(t.t, t.lon, s.t), valueAt(t.t, t.lat, s.t), () => signMarker(s.sign, `var(--${s.colour})`, s.label), true);
      });
      if (places.length) spotsOfPlan(map, places);
      const move = (): void => follow(map!, tracks, clock);
      move();
      if (about.basemap) await map.base(address('/api/basemap')).then(() => setBase(about.basemap!), () => setBase('the basemap is not there'));
      if (isGone) return;
      stop = clock.subscribe(move);
      if (map) host.current!.dataset.ready = 'yes';
    }).catch((problem: unknown) => setFailed(String((problem as Error).message ?? problem)));
    return () => {
      isGone = true;
      stop();
      map?.remove();
      shown.current = null;
    };
  }, [tracks, plan, theme]);
  if (failed) return <Empty title="The map cannot be drawn here"><p>This browser gives no WebGL ({failed}). Plots and figures do without.</p></Empty>;
  const choose = async (file: File | undefined): Promise<void> => {
    if (!file || !shown.current) return;
    try {
      setBase(await shown.current.base(file));
    } catch {
      setBase(`${file.name} is no PMTiles file`);
    }
  };
  return (
    <>
      <div class="map" ref={host} />
      <label class="base-choice no-print button" title="Lay a PMTiles file of yours under the tracks; it stays on this machine">
        {base || 'Basemap…'}
        <input type="file" accept=".pmtiles" class="hidden-text" onChange={(e) => void choose(e.currentTarget.files?.[0])} />
      </label>
    </>
  );
}

function spotsOfPlan(map: FlightMap, places: Plan['waypoints']): void {
  places.forEach((w, i) => {
    if (i > 40) return; // more numbers than that hide the map
    map.place(`plan${i}`, w.lon, w.lat, () => {
      const el = document.createElement('div');
      el.className = 'map-label waypoint';
      el.textContent = String(i + 1);
      return el;
    });
  });
}

function follow(map: FlightMap, tracks: readonly StageTrack[], clock: Clock): void {
  for (const { id, track, zero, colour: tint } of tracks) {
    const t = clock.t + zero;
    const lon = valueAt(track.t, track.lon, t);
    const lat = valueAt(track.t, track.lat, t);
    map.place(id, lon, lat, () => vehicleMarker(tracks.length > 1 ? `var(--${tint})` : 'var(--ink)'));
    const yaw = valueAt(track.t, track.yaw, t);
    const course = Number.isFinite(yaw) ? yaw : Math.atan2(valueAt(track.t, track.ve, t), valueAt(track.t, track.vn, t));
    const svg = map.element(id)?.firstElementChild as SVGElement | null;
    if (svg) svg.style.transform = `rotate(${Number.isFinite(course) ? (course * 180) / Math.PI : 0}deg)`;
  }
}

function Path({ tracks, clock, spots = [], plan }: Props): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const [failed, setFailed] = useState('');
  const { theme } = useSettings();
  useEffect(() => {
    let stop = (): void => undefined;
    let isGone = false;
    void import('./path3d').then(({ PathScene }) => {
      if (isGone) return;
      const { track } = tracks[0]!;
      const origin: Origin = track.origin!;
      const planned = (plan?.waypoints ?? []).map((w): [number, number, number] => [east(origin, w.lon), north(origin, w.lat), w.height_m ?? 0]);
      const scene = new PathScene(host.current!, {
        t: track.t, east: track.east, north: track.north, up: track.height, roll: track.roll, pitch: track.pitch, yaw: track.yaw, colour: colour('blue'),
      }, planned, spots.map((s) => ({ t: s.t, colour: colour(s.colour) })));
      const move = (): void => scene.set(clock.t);
      move();
      host.current!.dataset.ready = 'yes';
      const unsubscribe = clock.subscribe(move);
      stop = () => {
        unsubscribe();
        scene.remove();
      };
    }).catch((problem: unknown) => setFailed(String((problem as Error).message ?? problem)));
    return () => {
      isGone = true;
      stop();
    };
  }, [tracks, plan, theme]);
  if (failed) return <Empty title="The path cannot be drawn here"><p>This browser gives no WebGL ({failed}). The map's plots and figures do without.</p></Empty>;
  return <div class="map" ref={host} />;
}
