// How the vehicle lay: horizon, heading, and the figures beside them. Drawn by attributes, since it
// moves with every frame.
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Clock } from '../app/clock';
import { useSettings } from '../app/settings';
import { quantity } from '../words/units';
import { valueAt } from './enu';
import type { FlownTrack } from './track';

const DEG = 180 / Math.PI;

export function Attitude({ track, clock }: { track: FlownTrack; clock: Clock }): JSX.Element {
  const { units } = useSettings();
  const horizon = useRef<SVGGElement>(null);
  const compass = useRef<SVGGElement>(null);
  const text = useRef<HTMLDListElement>(null);
  useEffect(() => {
    const draw = (): void => {
      const at = (v: ArrayLike<number>): number => valueAt(track.t, v, clock.t);
      const roll = at(track.roll);
      const pitch = at(track.pitch);
      const yaw = at(track.yaw);
      const r = Number.isFinite(roll) ? roll * DEG : 0;
      const p = Number.isFinite(pitch) ? pitch * DEG : 0;
      horizon.current?.setAttribute('transform', `rotate(${-r}) translate(0 ${Math.max(-80, Math.min(80, p)) * 0.9})`);
      compass.current?.setAttribute('transform', `rotate(${Number.isFinite(yaw) ? yaw * DEG : 0})`);
      const speed = Math.hypot(at(track.vn), at(track.ve));
      const deg = (v: number): string => (Number.isFinite(v) ? `${Math.round(v * DEG)}°` : '–');
      const heading = Number.isFinite(yaw) ? `${Math.round(((yaw * DEG) % 360 + 360) % 360)}°` : '–';
      const says = [deg(roll), deg(pitch), heading, quantity(at(track.height), 'm', units), quantity(speed, 'm/s', units), quantity(-at(track.vd), 'm/s', units)];
      text.current?.querySelectorAll('dd').forEach((dd, i) => { dd.textContent = says[i] ?? ''; });
    };
    draw();
    return clock.subscribe(draw);
  }, [track, clock, units]);
  return (
    <div class="attitude">
      <svg viewBox="-50 -50 100 100" width="92" height="92" aria-hidden="true">
        <clipPath id="bowl"><circle r="46" /></clipPath>
        <g clip-path="url(#bowl)">
          <g ref={horizon}>
            <rect x="-120" y="-160" width="240" height="160" fill="var(--map-sea)" />
            <rect x="-120" y="0" width="240" height="160" fill="var(--map-edge)" />
            <line x1="-120" x2="120" stroke="var(--ink)" stroke-width="1.5" />
            {[-20, -10, 10, 20].map((d) => <line key={d} x1={-10} x2={10} y1={-d * 0.9} y2={-d * 0.9} stroke="var(--ink)" stroke-width="0.8" />)}
          </g>
        </g>
        <path d="M-26 0h14l5 6h14l5-6h14" fill="none" stroke="var(--vermillion)" stroke-width="3" />
        <circle r="46" fill="none" stroke="var(--edge)" stroke-width="1.5" />
      </svg>
      <svg viewBox="-50 -50 100 100" width="92" height="92" aria-hidden="true">
        <circle r="46" fill="var(--wash)" stroke="var(--edge)" stroke-width="1.5" />
        {[0, 90, 180, 270].map((d) => <text key={d} x={Math.sin(d / DEG) * 36} y={-Math.cos(d / DEG) * 36 + 4} text-anchor="middle" class="soft">{'NESW'[d / 90]}</text>)}
        <g ref={compass}><path d="M0-26 9 16 0 9-9 16z" fill="var(--ink)" /></g>
      </svg>
      <dl ref={text}>
        {['roll', 'pitch', 'heading', 'height', 'speed', 'climb'].map((n) => <div key={n}><dt>{n}</dt><dd>–</dd></div>)}
      </dl>
    </div>
  );
}
