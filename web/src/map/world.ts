// Countries as shapes that a flat map can fill.
import type { Geo } from './map';

type Ring = GeoJSON.Position[];

/** Beyond this latitude the map's projection ends [degrees]. */
const POLE = 85.06;

/** A ring that jumps over the 180th meridian goes on past it; one around a pole is closed over it. */
export function unwrapped(ring: Ring): Ring {
  let turn = 0;
  const made: Ring = ring.map(([lon = 0, lat = 0], i) => {
    const before = ring[i - 1]?.[0] ?? lon;
    if (lon - before > 180) turn -= 360;
    else if (lon - before < -180) turn += 360;
    return [lon + turn, lat];
  });
  if (turn === 0) return made;
  const [first, last] = [made[0]!, made.at(-1)!];
  const pole = Math.sign(first[1]!) * POLE;
  return [...made, [last[0]!, pole], [first[0]!, pole], first];
}

export function mended(world: Geo): Geo {
  const polygon = (rings: Ring[]): Ring[] => rings.map(unwrapped);
  return {
    ...world,
    features: world.features.map((f) => {
      const g = f.geometry;
      if (g.type === 'Polygon') return { ...f, geometry: { ...g, coordinates: polygon(g.coordinates) } };
      if (g.type === 'MultiPolygon') return { ...f, geometry: { ...g, coordinates: g.coordinates.map(polygon) } };
      return f;
    }),
  };
}
