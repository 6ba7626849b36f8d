// Many vehicles at once on a canvas above the map. The map is drawn only when it moves; the vehicles
// with every frame, which a plain canvas does for hundreds even without a graphics card.
import type { Columns } from '../api/columns';
import { colour } from '../app/settings';
import { SIGNS, outcomeColour } from '../ui/marks';
import { vehicleName } from '../words/plain';
import { indexAt, valueAt } from './enu';
import type { FlightMap } from './map';

export interface ReplayVehicle {
  sortie_id: string;
  vehicle: string;
  candidate: string;
  outcome: string;
  cause: string | null;
  start_utc_s: number;
  end_utc_s: number;
}
export interface Replay {
  vehicles: ReplayVehicle[];
  tracks: Flown[];
  start: number;
  end: number;
  sep: { t: Float64Array; m: Float64Array; a: Float64Array; b: Float64Array };
  closest: { t_utc_s: number; m: number; a: number; b: number } | null;
}
interface Flown {
  t: Float64Array;
  lat: Float64Array;
  lon: Float64Array;
  height: Float64Array;
  yaw: Float64Array;
  /** Web-mercator, 0 to 1 over the world. */
  x: Float64Array;
  y: Float64Array;
}

export function replayOf(columns: Columns): Replay {
  const meta = columns.meta as { vehicles: ReplayVehicle[]; start_utc_s: number; end_utc_s: number; closest: Replay['closest'] };
  const none = new Float64Array(0);
  const column = (name: string): Float64Array => (columns.has(name) ? columns.get(name) : none);
  return {
    vehicles: meta.vehicles,
    start: meta.start_utc_s,
    end: meta.end_utc_s,
    closest: meta.closest ?? null,
    sep: { t: column('sep/t'), m: column('sep/m'), a: column('sep/a'), b: column('sep/b') },
    tracks: meta.vehicles.map((_, i) => {
      const lat = column(`lat/${i}`);
      const lon = column(`lon/${i}`);
      return {
        t: column(`t/${i}`), lat, lon, height: column(`height/${i}`), yaw: column(`yaw/${i}`),
        x: lon.map((v) => (180 + v) / 360),
        y: lat.map((v) => (180 - (180 / Math.PI) * Math.log(Math.tan(Math.PI / 4 + (v * Math.PI) / 360))) / 360),
      };
    }),
  };
}

/** By its id; where the log tells none, by the sortie's. */
export const calledIn = (v: ReplayVehicle | undefined): string => (!v ? '?' : v.vehicle && v.vehicle !== 'unknown' ? vehicleName(v.vehicle) : `no id, ${v.sortie_id.slice(0, 6)}`);

export type State = 'waiting' | 'flying' | 'ended';
export const stateOf = (v: ReplayVehicle, t: number): State => (t < v.start_utc_s ? 'waiting' : t > v.end_utc_s ? 'ended' : 'flying');

/** The nearest two at an instant: distance and who; null where fewer than two are in the air. */
export function nearest(replay: Replay, t: number): { m: number; a: number; b: number } | null {
  const { sep } = replay;
  if (!sep.t.length || t < sep.t[0]! || t > sep.t.at(-1)! + 2) return null;
  const i = indexAt(sep.t, t);
  const m = sep.m[i]!;
  return Number.isFinite(m) && sep.a[i]! >= 0 ? { m, a: sep.a[i]!, b: sep.b[i]! } : null;
}

export class Swarm {
  private readonly canvas = document.createElement('canvas');
  private readonly paths = new Map<string, Path2D>();
  private frame = 0;
  t = 0;
  trail = 60;
  selected = -1;
  labels = true;

  constructor(private readonly map: FlightMap, readonly replay: Replay) {
    this.canvas.className = 'swarm';
    this.canvas.setAttribute('aria-hidden', 'true');
    map.map.getCanvasContainer().append(this.canvas);
    map.map.on('move', () => this.draw());
    map.map.on('resize', () => this.draw());
    for (const [name, sign] of Object.entries(SIGNS)) this.paths.set(name, new Path2D(sign.d));
  }

  set(t: number): void {
    this.t = t;
    this.soon();
  }

  soon(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  /** The vehicle under a point of the canvas, or -1. */
  at(px: number, py: number): number {
    const p = this.projection();
    let best = -1;
    let least = 18 * 18;
    this.replay.tracks.forEach((track, i) => {
      const [x, y] = this.place(track, p);
      const d = (x - px) ** 2 + (y - py) ** 2;
      if (d < least) {
        least = d;
        best = i;
      }
    });
    return best;
  }

  remove(): void {
    cancelAnimationFrame(this.frame);
    this.canvas.remove();
  }

  private projection(): { k: number; ox: number; oy: number } {
    const { map } = this.map;
    const k = 512 * 2 ** map.getZoom();
    const c = map.getCenter();
    const cx = (180 + c.lng) / 360;
    const cy = (180 - (180 / Math.PI) * Math.log(Math.tan(Math.PI / 4 + (c.lat * Math.PI) / 360))) / 360;
    const el = map.getContainer();
    return { k, ox: el.clientWidth / 2 - cx * k, oy: el.clientHeight / 2 - cy * k };
  }

  private place(track: Flown, p: { k: number; ox: number; oy: number }): [number, number] {
    return [valueAt(track.t, track.x, this.t) * p.k + p.ox, valueAt(track.t, track.y, this.t) * p.k + p.oy];
  }

  draw(): void {
    const { clientWidth: w, clientHeight: h } = this.map.map.getContainer();
    const dpr = Math.min(devicePixelRatio, 2);
    if (this.canvas.width !== w * dpr || this.canvas.height !== h * dpr) {
      this.canvas.width = w * dpr;
      this.canvas.height = h * dpr;
      this.canvas.style.width = `${w}px`;
      this.canvas.style.height = `${h}px`;
    }
    const ctx = this.canvas.getContext('2d')!;
    ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
    ctx.clearRect(0, 0, w, h);
    const p = this.projection();
    const { vehicles, tracks } = this.replay;
    const ink = colour('ink');
    const link = colour('link');
    ctx.lineJoin = 'round';
    tracks.forEach((track, i) => this.trailOf(ctx, track, p, i === this.selected ? ink : link, i === this.selected ? 2.4 : 1.3));
    this.pair(ctx, p);
    const many = vehicles.length > 40;
    ctx.font = '11px system-ui, sans-serif';
    vehicles.forEach((v, i) => {
      const track = tracks[i]!;
      const [x, y] = this.place(track, p);
      if (!Number.isFinite(x) || x < -40 || y < -40 || x > w + 40 || y > h + 40) return;
      const state = stateOf(v, this.t);
      if (state === 'waiting') this.dot(ctx, x, y);
      else if (state === 'flying') this.arrow(ctx, x, y, valueAt(track.t, track.yaw, this.t), i === this.selected ? colour('vermillion') : ink);
      else this.sign(ctx, v.outcome, x, y);
      if (i === this.selected || (this.labels && !many && state !== 'waiting')) this.text(ctx, calledIn(v), x + 9, y - 7);
    });
  }

  private trailOf(ctx: CanvasRenderingContext2D, track: Flown, p: { k: number; ox: number; oy: number }, tint: string, width: number): void {
    if (!track.t.length || this.t < track.t[0]!) return;
    const until = indexAt(track.t, this.t);
    const from = this.trail ? indexAt(track.t, this.t - this.trail) : 0;
    if (until <= from) return;
    ctx.beginPath();
    let isDown = false;
    const every = Math.max(1, Math.floor((until - from) / 400));
    for (let j = from; j <= until; j += every) {
      const x = track.x[j]! * p.k + p.ox;
      const y = track.y[j]! * p.k + p.oy;
      if (!Number.isFinite(x) || !Number.isFinite(y)) isDown = false;
      else if (isDown) ctx.lineTo(x, y);
      else {
        ctx.moveTo(x, y);
        isDown = true;
      }
    }
    ctx.strokeStyle = tint;
    ctx.lineWidth = width;
    ctx.globalAlpha = 0.75;
    ctx.stroke();
    ctx.globalAlpha = 1;
  }

  private pair(ctx: CanvasRenderingContext2D, p: { k: number; ox: number; oy: number }): void {
    const near = nearest(this.replay, this.t);
    if (!near) return;
    const [x0, y0] = this.place(this.replay.tracks[near.a]!, p);
    const [x1, y1] = this.place(this.replay.tracks[near.b]!, p);
    ctx.strokeStyle = colour('purple');
    ctx.lineWidth = 1.5;
    ctx.setLineDash([4, 3]);
    ctx.beginPath();
    ctx.moveTo(x0, y0);
    ctx.lineTo(x1, y1);
    ctx.stroke();
    ctx.setLineDash([]);
  }

  private dot(ctx: CanvasRenderingContext2D, x: number, y: number): void {
    ctx.beginPath();
    ctx.arc(x, y, 2.5, 0, 7);
    ctx.strokeStyle = colour('soft');
    ctx.lineWidth = 1.2;
    ctx.stroke();
  }

  private arrow(ctx: CanvasRenderingContext2D, x: number, y: number, yaw: number, tint: string): void {
    ctx.save();
    ctx.translate(x, y);
    ctx.rotate(Number.isFinite(yaw) ? yaw : 0);
    ctx.beginPath();
    ctx.moveTo(0, -8);
    ctx.lineTo(5.5, 7);
    ctx.lineTo(0, 3.5);
    ctx.lineTo(-5.5, 7);
    ctx.closePath();
    ctx.fillStyle = tint;
    ctx.strokeStyle = colour('ground');
    ctx.lineWidth = 1.2;
    ctx.fill();
    ctx.stroke();
    ctx.restore();
  }

  private sign(ctx: CanvasRenderingContext2D, outcome: string, x: number, y: number): void {
    const known = SIGNS[outcome] ? outcome : 'undetermined';
    const path = this.paths.get(known)!;
    ctx.save();
    ctx.translate(x - 7, y - 7);
    ctx.scale(14 / 16, 14 / 16);
    ctx.lineWidth = 3;
    ctx.strokeStyle = colour('ground');
    ctx.stroke(path);
    const tint = colour(outcomeColour(known));
    if (SIGNS[known]!.hollow) {
      ctx.lineWidth = 2.2;
      ctx.strokeStyle = tint;
      ctx.stroke(path);
    } else {
      ctx.fillStyle = tint;
      ctx.fill(path, SIGNS[known]!.rule ?? 'nonzero');
    }
    ctx.restore();
  }

  private text(ctx: CanvasRenderingContext2D, says: string, x: number, y: number): void {
    ctx.lineWidth = 3;
    ctx.strokeStyle = colour('ground');
    ctx.strokeText(says, x, y);
    ctx.fillStyle = colour('ink');
    ctx.fillText(says, x, y);
  }
}
