// A flown track as the server sends it: columns at 5 Hz on the log's own clock.
import type { Columns } from '../api/columns';
import { type Origin, east, north } from './enu';

export interface FlownTrack {
  t: Float64Array;
  lat: Float64Array;
  lon: Float64Array;
  height: Float64Array;
  vn: Float64Array;
  ve: Float64Array;
  vd: Float64Array;
  roll: Float64Array;
  pitch: Float64Array;
  yaw: Float64Array;
  origin: Origin | null;
  east: Float64Array;
  north: Float64Array;
}

export function trackOf(columns: Columns): FlownTrack {
  const t = columns.get('t_s');
  const blank = (): Float64Array => new Float64Array(t.length).fill(NaN);
  const column = (name: string): Float64Array => (columns.has(name) ? columns.get(name) : blank());
  const lat = column('lat');
  const lon = column('lon');
  const first = lat.findIndex((v, i) => Number.isFinite(v) && Number.isFinite(lon[i]));
  const origin = first < 0 ? null : { lat: lat[first]!, lon: lon[first]! };
  return {
    t, lat, lon, height: column('height'), vn: column('velocity_north'), ve: column('velocity_east'), vd: column('velocity_down'),
    roll: column('roll'), pitch: column('pitch'), yaw: column('yaw'), origin,
    east: origin ? lon.map((v) => east(origin, v)) : blank(),
    north: origin ? lat.map((v) => north(origin, v)) : blank(),
  };
}

/** Tracks by where they flew, as indices: those that begin less than 50 km apart are of one site; the busiest first. */
export function sitesOf(tracks: readonly { lat: ArrayLike<number>; lon: ArrayLike<number> }[]): number[][] {
  const sites: { origin: Origin; own: number[] }[] = [];
  tracks.forEach((track, i) => {
    let at = 0;
    while (at < track.lat.length && !(Number.isFinite(track.lat[at]) && Number.isFinite(track.lon[at]))) at += 1;
    if (at === track.lat.length) return;
    const origin = { lat: track.lat[at]!, lon: track.lon[at]! };
    const near = sites.find((s) => Math.hypot(east(s.origin, origin.lon), north(s.origin, origin.lat)) < 50_000);
    if (near) near.own.push(i);
    else sites.push({ origin, own: [i] });
  });
  return sites.sort((a, b) => b.own.length - a.own.length).map((s) => s.own);
}

/** West, south, east, north of what was flown; at least `least` metres wide. */
export function boundsOf(tracks: readonly { lat: ArrayLike<number>; lon: ArrayLike<number> }[], least = 60): [number, number, number, number] | null {
  let [w, s, e, n] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const track of tracks) {
    for (let i = 0; i < track.lat.length; i += 1) {
      const lat = track.lat[i]!;
      const lon = track.lon[i]!;
      if (!Number.isFinite(lat) || !Number.isFinite(lon)) continue;
      w = Math.min(w, lon);
      e = Math.max(e, lon);
      s = Math.min(s, lat);
      n = Math.max(n, lat);
    }
  }
  if (w > e) return null;
  const pad = least / 2 / 111_195;
  const padLon = pad / Math.max(0.05, Math.cos((s * Math.PI) / 180));
  if (n - s < 2 * pad) [s, n] = [(s + n) / 2 - pad, (s + n) / 2 + pad];
  if (e - w < 2 * padLon) [w, e] = [(w + e) / 2 - padLon, (w + e) / 2 + padLon];
  return [w, s, e, n];
}
