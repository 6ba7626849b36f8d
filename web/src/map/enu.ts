// East and north of an origin [m]: flat within a test site, which is where it is used.
const RADIUS = 6_371_008.8;
const RAD = Math.PI / 180;

export interface Origin {
  lat: number;
  lon: number;
}

export const metresPerDegreeLat = RADIUS * RAD;
export const east = (o: Origin, lon: number): number => (lon - o.lon) * metresPerDegreeLat * Math.cos(o.lat * RAD);
export const north = (o: Origin, lat: number): number => (lat - o.lat) * metresPerDegreeLat;
export const lonOf = (o: Origin, e: number): number => o.lon + e / (metresPerDegreeLat * Math.cos(o.lat * RAD));
export const latOf = (o: Origin, n: number): number => o.lat + n / metresPerDegreeLat;

/** Where a time falls in rising times: the last sample at or before it, 0 before all. */
export function indexAt(t: ArrayLike<number>, at: number): number {
  let low = 0;
  let high = t.length - 1;
  while (low < high) {
    const mid = (low + high + 1) >> 1;
    if (t[mid]! <= at) low = mid;
    else high = mid - 1;
  }
  return low;
}

/** A column at an instant, linear between samples; NaN where nothing was logged. */
export function valueAt(t: ArrayLike<number>, v: ArrayLike<number>, at: number): number {
  const i = indexAt(t, at);
  const a = v[i] ?? NaN;
  const b = v[i + 1];
  const ta = t[i] ?? at;
  const tb = t[i + 1];
  if (b === undefined || tb === undefined || !Number.isFinite(b) || tb <= ta || at <= ta) return a;
  return a + (b - a) * Math.min(1, (at - ta) / (tb - ta));
}
