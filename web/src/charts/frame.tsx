// The frame of a small drawing: axes, grid and their labels, in a box of fixed proportion.
import type { ComponentChildren, JSX } from 'preact';
import type { Scale } from './scale';

export interface Box {
  width: number;
  height: number;
  x: (v: number) => number;
  y: (v: number) => number;
}
interface Props {
  label: string;
  xs: Scale;
  ys: Scale;
  xText: (v: number) => string;
  yText: (v: number) => string;
  xTitle: string;
  yTitle: string;
  width?: number;
  height?: number;
  left?: number;
  children: (box: Box) => ComponentChildren;
}

export function Frame({ label, xs, ys, xText, yText, xTitle, yTitle, width = 560, height = 240, left = 44, children }: Props): JSX.Element {
  const w = width - left - 12;
  const h = height - 24 - 34;
  const box: Box = { width: w, height: h, x: (v) => left + xs.at(v) * w, y: (v) => 22 + h - ys.at(v) * h };
  return (
    <svg class="chart" viewBox={`0 0 ${width} ${height}`} role="group" aria-label={label}>
      <text x={left - 40} y={12} class="soft">{yTitle}</text>
      {ys.ticks.map((v) => (
        <g key={v}>
          <line class="gridline" x1={left} x2={left + w} y1={box.y(v)} y2={box.y(v)} />
          <text class="soft" x={left - 6} y={box.y(v) + 4} text-anchor="end">{yText(v)}</text>
        </g>
      ))}
      {xs.ticks.map((v) => <text key={v} class="soft" x={box.x(v)} y={22 + h + 15} text-anchor="middle">{xText(v)}</text>)}
      <line class="axis" x1={left} x2={left + w} y1={22 + h} y2={22 + h} />
      <text x={left + w} y={height - 3} text-anchor="end" class="soft">{xTitle}</text>
      {children(box)}
    </svg>
  );
}
