// One plot over time: uPlot with findings as spans, phases as bands, limits, and one cursor for all.
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Clock, Range } from '../app/clock';
import { colour, useSettings } from '../app/settings';
import { digits, shown } from '../words/units';

export interface Line {
  name: string;
  t: Float64Array;
  v: Float64Array;
}
export interface Span {
  from: number;
  to: number;
  title: string;
  severity: string;
}
export interface Band {
  phase: string;
  from: number;
  to: number;
}
interface Props {
  title: string;
  unit: string;
  lines: readonly Line[];
  limits?: readonly number[];
  spans?: readonly Span[];
  bands?: readonly Band[];
  clock?: Clock;
  range: Range;
  syncKey: string;
  height?: number;
  /** Added to the instants shown on the axis: sorties of a comparison have their own zero. */
  isDecisive?: boolean;
  onRemove?: () => void;
}

const STROKES = ['blue', 'vermillion', 'green', 'purple', 'orange', 'sky', 'ink', 'plan'];
const DASHES = [[], [], [], [], [6, 3], [6, 3], [2, 3], [2, 3]];
const LEFT = 56;

/** Lines of one plot on one axis of time; where a line has no sample, the others' are spanned. */
export function aligned(lines: readonly Line[], factor: number, offset: number): uPlot.AlignedData {
  const tables = lines.map((l) => {
    const values = new Array<number | null>(l.v.length);
    for (let i = 0; i < l.v.length; i += 1) {
      const v = l.v[i]!;
      values[i] = Number.isFinite(v) ? v * factor + offset : null;
    }
    return [l.t, values] as unknown as uPlot.AlignedData;
  });
  if (!tables.length) return [[]] as unknown as uPlot.AlignedData;
  return tables.length === 1 ? tables[0]! : uPlot.join(tables, lines.map(() => [1, 1]));
}

export function Plot(props: Props): JSX.Element {
  const { title, unit, lines, range, clock, syncKey, height = 132 } = props;
  const { units, theme } = useSettings();
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const readout = useRef<(HTMLElement | null)[]>([]);
  const drawn = useRef(props);
  drawn.current = props;
  const as = shown(unit, units);
  const names = lines.map((l) => l.name).join('|');

  useEffect(() => {
    const el = host.current!;
    const head = document.createElement('div');
    head.className = 'playhead';
    const u = new uPlot(options(el.clientWidth, height, drawn, syncKey, range, clock, readout, as), aligned(drawn.current.lines, as.factor, as.offset), el);
    plot.current = u;
    u.over.append(head);
    const place = (): void => {
      if (!clock) return;
      const x = u.valToPos(clock.t, 'x');
      head.style.transform = `translateX(${x}px)`;
      head.hidden = x < 0 || x > u.over.clientWidth;
      if (u.cursor.left === undefined || u.cursor.left! < 0) read(u, nearest(u, clock.t), readout, as.unit);
    };
    let frame = 0;
    const follow = (): void => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => {
        u.setScale('x', { min: range.min, max: range.max });
        place();
      });
    };
    const watch = new ResizeObserver(() => {
      if (el.clientWidth) u.setSize({ width: el.clientWidth, height });
      place();
    });
    watch.observe(el);
    const stops = [range.subscribe(follow), clock?.subscribe(place) ?? (() => undefined), touches(u, range)];
    follow();
    return () => {
      cancelAnimationFrame(frame);
      watch.disconnect();
      for (const stop of stops) stop();
      u.destroy();
      plot.current = null;
    };
  }, [names, range, clock, units, theme, height]);

  useEffect(() => {
    const u = plot.current;
    if (!u) return;
    u.setData(aligned(lines, as.factor, as.offset), false);
    u.setScale('x', { min: range.min, max: range.max });
  }, [lines]);

  return (
    <div class="plot">
      <div class="plot-title">
        <b>{title}</b>{as.unit && as.unit !== '1' && <span class="soft">[{as.unit}]</span>}
        {props.isDecisive && <span class="soft">named by the evidence</span>}
        {lines.map((l, i) => (
          <span class="legend" key={l.name}>
            <svg width="16" height="8" aria-hidden="true"><line x1="0" x2="16" y1="4" y2="4" stroke={`var(--${STROKES[i % 8]})`} stroke-width="2.5" stroke-dasharray={DASHES[i % 8]!.join(' ')} /></svg>
            {l.name} <span class="value" ref={(el) => { readout.current[i] = el; }} />
          </span>
        ))}
        {props.onRemove && <button type="button" class="plain small remove" onClick={props.onRemove}>remove<span class="hidden-text"> {title}</span></button>}
      </div>
      <div ref={host} class="plot-host" style={{ height: `${height}px` }} role="img" aria-label={`${title}${as.unit ? ` in ${as.unit}` : ''}: ${lines.map((l) => l.name).join(', ')}`} />
    </div>
  );
}

function nearest(u: uPlot, t: number): number {
  const xs = u.data[0];
  return xs.length ? u.valToIdx(t) : -1;
}

function read(u: uPlot, at: number, readout: { current: (HTMLElement | null)[] }, unit: string): void {
  for (let i = 1; i < u.data.length; i += 1) {
    const el = readout.current[i - 1];
    if (!el) continue;
    const column = u.data[i]!;
    let j = at;
    while (j > 0 && (column[j] === null || column[j] === undefined) && at - j < 40) j -= 1;
    const v = column[j];
    el.textContent = typeof v === 'number' ? `${digits(v)}${unit === '°' ? '°' : ''}` : '';
  }
}

function options(
  width: number, height: number, drawn: { current: Props }, syncKey: string, range: Range, clock: Clock | undefined,
  readout: { current: (HTMLElement | null)[] }, as: { unit: string; factor: number; offset: number },
): uPlot.Options {
  const soft = colour('soft');
  const faint = colour('faint');
  const font = '11px system-ui, sans-serif';
  return {
    width: Math.max(200, width),
    height,
    legend: { show: false },
    padding: [6, 8, 0, 0],
    scales: {
      x: { time: false, range: (_u, min, max) => [min ?? range.min, max ?? range.max] },
      y: { range: (_u, min, max) => spread(min, max, drawn.current.limits, as) },
    },
    axes: [
      { stroke: soft, font, size: 26, gap: 3, grid: { stroke: faint, width: 1 }, ticks: { show: false }, values: (_u, vs) => vs.map((v) => `${digits(v)} s`) },
      { stroke: soft, font, size: LEFT, gap: 4, grid: { stroke: faint, width: 1 }, ticks: { show: false }, values: (_u, vs) => vs.map(digits), space: 26 },
    ],
    series: [{}, ...drawn.current.lines.map((l, i) => ({
      label: l.name, stroke: colour(STROKES[i % 8]!), width: 1.5, dash: DASHES[i % 8]!, points: { show: false }, spanGaps: false,
    }))],
    cursor: {
      sync: { key: syncKey, setSeries: false, scales: ['x', null] },
      drag: { x: true, y: false, setScale: false },
      points: { size: 5 },
      focus: { prox: -1 },
    },
    hooks: {
      drawClear: [(u) => background(u, drawn.current)],
      draw: [(u) => foreground(u, drawn.current, as)],
      setCursor: [(u) => { if (u.cursor.idx !== null && u.cursor.idx !== undefined) read(u, u.cursor.idx, readout, as.unit); }],
      setSelect: [(u) => {
        if (u.select.width < 4) return;
        const a = u.posToVal(u.select.left, 'x');
        const b = u.posToVal(u.select.left + u.select.width, 'x');
        u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        range.set(a, b);
      }],
      ready: [(u) => {
        u.over.addEventListener('dblclick', () => range.reset());
        u.over.addEventListener('click', () => { if (clock && u.cursor.left! >= 0) clock.set(u.posToVal(u.cursor.left!, 'x')); });
        u.over.addEventListener('wheel', (e) => {
          if (!e.ctrlKey && !e.shiftKey && Math.abs(e.deltaX) <= Math.abs(e.deltaY)) return; // the page scrolls
          e.preventDefault();
          if (e.ctrlKey) range.zoom(e.deltaY > 0 ? 1.2 : 1 / 1.2, u.posToVal(e.offsetX, 'x'));
          else range.pan((e.deltaX || e.deltaY) / u.over.clientWidth);
        }, { passive: false });
      }],
    },
  };
}

function spread(min: number | null, max: number | null, limits: readonly number[] | undefined, as: { factor: number; offset: number }): [number, number] {
  let a = min ?? 0;
  let b = max ?? 1;
  for (const limit of limits ?? []) {
    const v = limit * as.factor + as.offset;
    a = Math.min(a, v);
    b = Math.max(b, v);
  }
  const pad = (b - a) * 0.08 || Math.abs(a) * 0.1 || 1;
  return [a - pad, b + pad];
}

/** Phases as bands, findings as spans that are tinted and end in a line, so not by colour alone. */
function background(u: uPlot, { bands = [], spans = [] }: Props): void {
  const { ctx, bbox } = u;
  const x = (t: number): number => Math.min(bbox.left + bbox.width, Math.max(bbox.left, u.valToPos(t, 'x', true)));
  ctx.save();
  bands.forEach((b, i) => {
    if (i % 2) return;
    ctx.fillStyle = colour('band');
    ctx.globalAlpha = 0.75;
    ctx.fillRect(x(b.from), bbox.top, x(b.to) - x(b.from), bbox.height);
  });
  for (const s of spans) {
    const tint = colour(s.severity === 'critical' ? 'vermillion' : s.severity === 'warning' ? 'orange' : 'plan');
    const a = x(s.from);
    const b = Math.max(x(s.to), a + 2);
    if (b <= bbox.left || a >= bbox.left + bbox.width) continue;
    ctx.globalAlpha = 0.13;
    ctx.fillStyle = tint;
    ctx.fillRect(a, bbox.top, b - a, bbox.height);
    ctx.globalAlpha = 0.9;
    ctx.fillRect(a, bbox.top, Math.max(1, devicePixelRatio), bbox.height);
  }
  ctx.restore();
}

function foreground(u: uPlot, { limits = [] }: Props, as: { factor: number; offset: number }): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.strokeStyle = colour('ink');
  ctx.setLineDash([5 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.lineWidth = devicePixelRatio;
  for (const limit of limits) {
    const y = u.valToPos(limit * as.factor + as.offset, 'y', true);
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.restore();
}

/** One finger pans, two zoom; up and down scrolls the page as everywhere. */
function touches(u: uPlot, range: Range): () => void {
  const down = new Map<number, number>();
  const onDown = (e: PointerEvent): void => { if (e.pointerType === 'touch') down.set(e.pointerId, e.clientX); };
  const onUp = (e: PointerEvent): void => void down.delete(e.pointerId);
  const onMove = (e: PointerEvent): void => {
    const before = down.get(e.pointerId);
    if (before === undefined) return;
    const wide = u.over.clientWidth || 1;
    if (down.size === 1) range.pan((before - e.clientX) / wide);
    else if (down.size === 2) {
      const other = [...down].find(([id]) => id !== e.pointerId)![1];
      range.zoom(Math.abs(before - other) / Math.max(8, Math.abs(e.clientX - other)));
    }
    down.set(e.pointerId, e.clientX);
  };
  u.over.style.touchAction = 'pan-y';
  u.over.addEventListener('pointerdown', onDown);
  addEventListener('pointermove', onMove);
  addEventListener('pointerup', onUp);
  addEventListener('pointercancel', onUp);
  return () => {
    removeEventListener('pointermove', onMove);
    removeEventListener('pointerup', onUp);
    removeEventListener('pointercancel', onUp);
  };
}
