// A sortie drawn small: its height over time, and where it went.
import type { JSX } from 'preact';
import type { Schemas } from '../api/client';

type Sketch = Schemas['Sketch'];

export function Sparkline({ of, width = 92, height = 26 }: { of: Sketch | undefined; width?: number; height?: number }): JSX.Element | null {
  const values = of?.height_m ?? [];
  const top = Math.max(2, ...values.map((v) => v ?? 0));
  if (values.length < 2) return null;
  let d = '';
  let isDown = true;
  values.forEach((v, i) => {
    if (v === null) {
      isDown = true;
      return;
    }
    d += `${isDown ? 'M' : 'L'}${((i / (values.length - 1)) * width).toFixed(1)} ${(height - 2 - (Math.max(0, v) / top) * (height - 4)).toFixed(1)}`;
    isDown = false;
  });
  return (
    <svg width={width} height={height} aria-hidden="true" class="spark">
      <line x1="0" x2={width} y1={height - 1.5} y2={height - 1.5} class="gridline" />
      <path d={d} fill="none" stroke="var(--link)" stroke-width="1.4" />
    </svg>
  );
}

export function Thumbnail({ of, size = 34 }: { of: Sketch | undefined; size?: number }): JSX.Element | null {
  const e = of?.east_m ?? [];
  const n = of?.north_m ?? [];
  if (e.length < 2) return null;
  const [e0, e1] = [Math.min(...e), Math.max(...e)];
  const [n0, n1] = [Math.min(...n), Math.max(...n)];
  const span = Math.max(e1 - e0, n1 - n0, 4);
  const x = (v: number): string => (3 + ((v - (e0 + e1) / 2) / span + 0.5) * (size - 6)).toFixed(1);
  const y = (v: number): string => (3 + (0.5 - (v - (n0 + n1) / 2) / span) * (size - 6)).toFixed(1);
  return (
    <svg width={size} height={size} aria-hidden="true">
      <polyline points={e.map((v, i) => `${x(v)},${y(n[i] ?? 0)}`).join(' ')} fill="none" stroke="var(--soft)" stroke-width="1.3" />
      <circle cx={x(e[0]!)} cy={y(n[0]!)} r="2" fill="var(--ink)" />
    </svg>
  );
}
