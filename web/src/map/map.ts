// The map: countries of the world that come with Flyoff, a local grid in metres, and the tracks.
// Nothing is fetched from anywhere else; a user may lay a PMTiles file of her own under it.
import * as maplibregl from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import 'maplibre-gl/dist/maplibre-gl.css';
import atlasUrl from 'world-atlas/countries-50m.json?url';
import { colour } from '../app/settings';
import { type Origin, east, latOf, lonOf, north } from './enu';
import { mended } from './world';

maplibregl.setWorkerUrl(workerUrl);

export type Geo = GeoJSON.FeatureCollection;
export const EMPTY: Geo = { type: 'FeatureCollection', features: [] };

export interface Track {
  lat: ArrayLike<number>;
  lon: ArrayLike<number>;
}
export interface Place {
  lat: number;
  lon: number;
  label?: string;
  sign?: string;
}

let atlas: Promise<Geo> | null = null;

/** Countries as GeoJSON, read once. */
function countries(): Promise<Geo> {
  atlas ??= Promise.all([fetch(atlasUrl).then((r) => r.json()), import('topojson-client')])
    .then(([topology, { feature }]) => mended(feature(topology, topology.objects.countries) as unknown as Geo))
    .catch(() => EMPTY);
  return atlas;
}

export function lines(tracks: readonly (Track & { colour: string })[]): Geo {
  return {
    type: 'FeatureCollection',
    features: tracks.flatMap((t) => {
      const parts: [number, number][][] = [];
      let part: [number, number][] = [];
      for (let i = 0; i < t.lat.length; i += 1) {
        if (Number.isFinite(t.lat[i]) && Number.isFinite(t.lon[i])) part.push([t.lon[i]!, t.lat[i]!]);
        else if (part.length) {
          parts.push(part);
          part = [];
        }
      }
      if (part.length) parts.push(part);
      return parts.filter((p) => p.length > 1).map((coordinates) => ({
        type: 'Feature' as const, properties: { colour: t.colour }, geometry: { type: 'LineString' as const, coordinates },
      }));
    }),
  };
}

export class FlightMap {
  readonly map: maplibregl.Map;
  readonly ready: Promise<void>;
  private readonly labels: HTMLElement;
  private readonly markers = new Map<string, maplibregl.Marker>();

  constructor(host: HTMLElement, private origin: Origin, bounds: [number, number, number, number]) {
    this.map = new maplibregl.Map({
      container: host,
      style: style(),
      bounds: [[bounds[0], bounds[1]], [bounds[2], bounds[3]]],
      fitBoundsOptions: { padding: 48, maxZoom: 18.5 },
      maxZoom: 22,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      attributionControl: false,
      fadeDuration: 0,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.addControl(new maplibregl.NavigationControl({ showCompass: false }), 'top-right');
    this.map.addControl(new maplibregl.ScaleControl({ maxWidth: 120 }), 'bottom-left');
    this.map.addControl(new maplibregl.AttributionControl({ compact: true, customAttribution: 'Natural Earth' }), 'bottom-right');
    this.map.getCanvas().setAttribute('aria-label', 'Map; arrow keys move it, plus and minus zoom');
    this.labels = document.createElement('div');
    this.labels.className = 'grid-labels';
    this.labels.setAttribute('aria-hidden', 'true');
    this.map.getContainer().append(this.labels);
    this.ready = new Promise((done) => this.map.once('style.load', () => done()));
    void this.ready.then(() => {
      void countries().then((world) => this.data('world', world));
      this.grid();
      this.map.on('moveend', () => this.grid());
      this.map.on('move', () => this.gridLabels());
    });
  }

  /** Replace what a source shows. */
  data(source: string, geo: Geo): void {
    const found = this.map.getSource(source) as maplibregl.GeoJSONSource | undefined;
    found?.setData(geo);
  }

  place(id: string, lon: number, lat: number, make: () => HTMLElement, isLabel = false): void {
    if (!Number.isFinite(lon) || !Number.isFinite(lat)) return;
    let marker = this.markers.get(id);
    if (!marker) {
      marker = new maplibregl.Marker({ element: make(), subpixelPositioning: true, ...(isLabel ? { anchor: 'left', offset: [-7, 0] } : {}) }).setLngLat([lon, lat]).addTo(this.map);
      this.markers.set(id, marker);
    } else marker.setLngLat([lon, lat]);
  }

  element(id: string): HTMLElement | undefined {
    return this.markers.get(id)?.getElement();
  }

  unplace(id: string): void {
    this.markers.get(id)?.remove();
    this.markers.delete(id);
  }

  fit(bounds: [number, number, number, number]): void {
    this.map.fitBounds([[bounds[0], bounds[1]], [bounds[2], bounds[3]]], { padding: 48, maxZoom: 18.5, duration: 0 });
  }

  retheme(): void {
    for (const [layer, property, name] of PAINT) this.map.setPaintProperty(layer, property as 'line-color', colour(name));
  }

  /** Lay a PMTiles file under everything: the user's, which is read here and leaves this machine never, or the server's. */
  async base(from: File | string): Promise<string> {
    const { lay } = await import('./basemap');
    return lay(this.map, from);
  }

  remove(): void {
    this.map.remove();
  }

  private lattice(): { step: number; e: number[]; n: number[]; box: [number, number, number, number] } | null {
    const b = this.map.getBounds();
    const e0 = east(this.origin, b.getWest());
    const e1 = east(this.origin, b.getEast());
    const n0 = north(this.origin, b.getSouth());
    const n1 = north(this.origin, b.getNorth());
    const wide = e1 - e0;
    if (!(wide > 0) || wide > 60_000) return null; // beyond, the earth is not flat
    const raw = wide / (this.map.getContainer().clientWidth / 95);
    const power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw) ?? raw;
    const all = (from: number, until: number): number[] => {
      const found: number[] = [];
      for (let i = Math.ceil(from / step); i * step <= until; i += 1) found.push(i * step);
      return found;
    };
    return { step, e: all(e0, e1), n: all(n0, n1), box: [e0, n0, e1, n1] };
  }

  private grid(): void {
    const g = this.lattice();
    if (!g) {
      this.data('grid', EMPTY);
      this.labels.replaceChildren();
      return;
    }
    const [e0, n0, e1, n1] = g.box;
    const line = (a: [number, number], b: [number, number], zero: boolean): GeoJSON.Feature => ({
      type: 'Feature',
      properties: { zero },
      geometry: { type: 'LineString', coordinates: [a, b].map(([e, n]) => [lonOf(this.origin, e), latOf(this.origin, n)]) },
    });
    const m = (e1 - e0) / 2;
    this.data('grid', {
      type: 'FeatureCollection',
      features: [
        ...g.e.map((e) => line([e, n0 - m], [e, n1 + m], e === 0)),
        ...g.n.map((n) => line([e0 - m, n], [e1 + m, n], n === 0)),
      ],
    });
    this.gridLabels();
  }

  private gridLabels(): void {
    const g = this.lattice();
    if (!g) return this.labels.replaceChildren();
    const tall = this.map.getContainer().clientHeight;
    const text = (v: number, plus: string, minus: string): string => (v === 0 ? '0' : `${Math.abs(v) >= 1000 ? `${+(Math.abs(v) / 1000).toFixed(2)} km` : `${+Math.abs(v).toFixed(2)} m`} ${v > 0 ? plus : minus}`);
    const made: HTMLElement[] = [];
    const add = (x: number, y: number, says: string): void => {
      const el = document.createElement('span');
      el.className = 'map-label grid';
      el.textContent = says;
      el.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
      made.push(el);
    };
    for (const e of g.e) {
      const x = this.map.project([lonOf(this.origin, e), this.origin.lat]).x;
      if (x > 40) add(x + 3, 2, text(e, 'E', 'W'));
    }
    for (const n of g.n) {
      const y = this.map.project([this.origin.lon, latOf(this.origin, n)]).y;
      if (y > 24 && y < tall - 40) add(3, y - 16, text(n, 'N', 'S'));
    }
    this.labels.replaceChildren(...made);
  }
}

const PAINT: [string, string, string][] = [
  ['sea', 'background-color', 'map-sea'], ['land', 'fill-color', 'map-land'], ['borders', 'line-color', 'map-edge'],
  ['grid', 'line-color', 'map-edge'], ['plan', 'line-color', 'plan'], ['halo', 'line-color', 'ground'],
];

function style(): maplibregl.StyleSpecification {
  const source = (data: Geo): maplibregl.SourceSpecification => ({ type: 'geojson', data, tolerance: 0.2 });
  const round = { 'line-cap': 'round', 'line-join': 'round' } as const;
  return {
    version: 8,
    sources: { world: { type: 'geojson', data: EMPTY }, grid: source(EMPTY), plan: source(EMPTY), tracks: source(EMPTY), past: source(EMPTY) },
    layers: [
      { id: 'sea', type: 'background', paint: { 'background-color': colour('map-sea') } },
      { id: 'land', type: 'fill', source: 'world', paint: { 'fill-color': colour('map-land') } },
      { id: 'borders', type: 'line', source: 'world', paint: { 'line-color': colour('map-edge'), 'line-width': 1 } },
      { id: 'grid', type: 'line', source: 'grid', paint: { 'line-color': colour('map-edge'), 'line-width': ['case', ['get', 'zero'], 1.6, 0.8] } },
      { id: 'plan', type: 'line', source: 'plan', layout: round, paint: { 'line-color': colour('plan'), 'line-width': 2, 'line-dasharray': [2, 2] } },
      { id: 'halo', type: 'line', source: 'tracks', layout: round, paint: { 'line-color': colour('ground'), 'line-width': 5, 'line-opacity': 0.7 } },
      { id: 'tracks', type: 'line', source: 'tracks', layout: round, paint: { 'line-color': ['get', 'colour'], 'line-width': 2.2, 'line-opacity': 0.85 } },
      { id: 'past', type: 'line', source: 'past', layout: round, paint: { 'line-color': ['get', 'colour'], 'line-width': 3.2 } },
    ],
  };
}
