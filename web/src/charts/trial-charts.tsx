// What a sensor of a trial saw: places, chance against range, custody over time, false tracks, delay.
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Schemas } from '../api/client';
import { change, useQuery } from '../app/router';
import { digits } from '../words/units';
import { Frame } from './frame';
import { linear, ticksOf } from './scale';

type Drawing = Schemas['SensorDrawing'];
const HELD = ['green', 'purple', 'orange', 'sky'] as const;
const SIZE = 420;
const EDGE = 44;

interface Plan {
  x: (east: number) => number;
  y: (north: number) => number;
  ticksX: number[];
  ticksY: number[];
}

/** A square that holds all points, metres alike on both axes. */
function plan(points: readonly (readonly [number | null, number | null])[]): Plan {
  const known = points.filter((p): p is [number, number] => p[0] !== null && p[1] !== null);
  const [e, n] = [known.map((p) => p[0]), known.map((p) => p[1])];
  const ends = (v: number[]): [number, number] => [Math.min(...v), Math.max(...v)];
  const [[e0, e1], [n0, n1]] = [ends(e), ends(n)];
  const reach = Math.max((Math.max(e1 - e0, n1 - n0) / 2) * 1.06, 50);
  const [ce, cn] = [(e0 + e1) / 2, (n0 + n1) / 2];
  const k = (SIZE - EDGE - 8) / (2 * reach);
  return {
    x: (v) => EDGE + (v - ce + reach) * k,
    y: (v) => SIZE - EDGE + 8 - (v - cn + reach) * k,
    ticksX: ticksOf(ce - reach, ce + reach, 6),
    ticksY: ticksOf(cn - reach, cn + reach, 6),
  };
}

function Ground({ p, sensor, post }: { p: Plan; sensor: string; post: (number | null)[] }): JSX.Element {
  const bottom = SIZE - EDGE + 8;
  return (
    <>
      {p.ticksX.map((v) => <g key={v}><line class="gridline" x1={p.x(v)} x2={p.x(v)} y1={0} y2={bottom} /><text class="soft" x={p.x(v)} y={bottom + 15} text-anchor="middle">{v}</text></g>)}
      {p.ticksY.map((v) => <g key={v}><line class="gridline" x1={EDGE} x2={SIZE} y1={p.y(v)} y2={p.y(v)} /><text class="soft" x={EDGE - 5} y={p.y(v) + 4} text-anchor="end">{v}</text></g>)}
      <text class="soft" x={SIZE} y={SIZE - 4} text-anchor="end">m east and north of the site</text>
      {post[0] !== null && post[1] !== null && (
        <g><path d={`M${p.x(post[0]!)} ${p.y(post[1]!) - 7}l7 12h-14z`} fill="var(--ink)" /><text x={p.x(post[0]!) + 10} y={p.y(post[1]!) + 6}>{sensor}</text></g>
      )}
    </>
  );
}

/** Every scan of every target; the slider shows the last moments before an instant. */
export function SeenMap({ drawing: d, sensor }: { drawing: Drawing; sensor: string }): JSX.Element {
  const [given, set] = useQuery('t');
  const s = d.scans;
  const last = Math.ceil(Math.max(1, ...s.t_s));
  const at = given === '' ? last : Math.min(last, Math.max(0, Number(given) || 0));
  const tail = Math.max(30, last / 40);
  const p = useMemo(() => plan([...s.east_m.map((v, i) => [v, s.north_m[i]!] as const), ...s.reported_east_m.map((v, i) => [v, s.reported_north_m[i]!] as const), [d.post[0] ?? null, d.post[1] ?? null]]), [d]);
  const shown = (i: number): boolean => at >= last || (s.t_s[i]! <= at && s.t_s[i]! >= at - tail);
  const seen = s.is_seen.filter(Boolean).length;
  const rows = s.t_s.map((_, i) => i).filter((i) => shown(i) && s.east_m[i] !== null && s.north_m[i] !== null);
  const dots = (which: number[], r: number): string => which.map((i) => `M${(p.x(s.east_m[i]!) - r).toFixed(1)} ${p.y(s.north_m[i]!).toFixed(1)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`).join('');
  const crosses = (which: number[]): string => which.map((i) => `M${(p.x(s.east_m[i]!) - 3).toFixed(1)} ${(p.y(s.north_m[i]!) - 3).toFixed(1)}l6 6m0-6l-6 6`).join('');
  const reported = rows.filter((i) => s.reported_east_m[i] !== null).map((i) => `M${(p.x(s.reported_east_m[i]!) - 1.4).toFixed(1)} ${p.y(s.reported_north_m[i]!).toFixed(1)}h2.8`).join('');
  return (
    <>
      <p class="legend-line small"><i class="key held-0" /> seen <svg viewBox="0 0 10 10" class="key-sign" aria-hidden="true"><path d="M2 2l6 6m0-6l-6 6" stroke="var(--vermillion)" stroke-width="1.8" /></svg> missed <i class="key reported" /> where it was reported</p>
      <svg class="chart square" viewBox={`0 0 ${SIZE} ${SIZE}`} role="img" aria-label={`Where targets were: seen in ${seen} scans, missed in ${s.is_seen.length - seen}`}>
        <Ground p={p} sensor={sensor} post={d.post} />
        <path d={reported} stroke="var(--plan)" stroke-width="2" fill="none" />
        <path d={dots(rows.filter((i) => s.is_seen[i]), 2.4)} fill="var(--green)" />
        <path d={crosses(rows.filter((i) => !s.is_seen[i]))} stroke="var(--vermillion)" stroke-width="1.8" fill="none" />
      </svg>
      <label class="replay-line small no-print">Replay
        <input type="range" min="0" max={last} step="1" value={at} aria-label="Instant of the trial" aria-valuetext={at >= last ? 'all' : `${at} s`} onInput={(e) => set(Number(e.currentTarget.value) >= last ? '' : e.currentTarget.value)} />
        <output>{at >= last ? 'all' : `${at} s, ${new Date((d.start_utc_s + at) * 1e3).toISOString().slice(11, 19)} UTC`}</output>
      </label>
    </>
  );
}

export function FalseMap({ drawing: d, sensor }: { drawing: Drawing; sensor: string }): JSX.Element {
  const places = d.false_starts.filter((q) => q[0] !== null && q[1] !== null) as [number, number][];
  const p = plan([...places, [d.post[0] ?? null, d.post[1] ?? null]]);
  return (
    <svg class="chart square" viewBox={`0 0 ${SIZE} ${SIZE}`} role="img" aria-label={`Where ${places.length} false tracks began in target-free time`}>
      <Ground p={p} sensor={sensor} post={d.post} />
      <path d={places.map((q) => `M${p.x(q[0]) - 4} ${p.y(q[1]) - 4}l8 8m0-8l-8 8`).join('')} stroke="var(--vermillion)" stroke-width="2" fill="none" />
    </svg>
  );
}

export function ChanceChart({ chance: c }: { chance: Schemas['ChanceCurve'] }): JSX.Element {
  const far = Math.max(...c.range_m) * 1.02;
  const line = (values: number[], x: (v: number) => number, y: (v: number) => number): string => c.range_m.map((r, i) => `${x(r)},${y(values[i]!)}`).join(' ');
  return (
    <>
      <p class="legend-line small"><i class="key fit" /> logistic, with its band <i class="key iso" /> falling, no shape assumed; dots: shares by range</p>
      <Frame label="Chance to be seen in one scan against range, with its band" xs={linear(0, far)} ys={linear(0, 1)} xText={digits} yText={digits} xTitle="m from the sensor" yTitle="chance in a scan" height={320}>
        {(b) => (
          <>
            <polygon points={`${line(c.high, b.x, b.y)} ${c.range_m.map((r, i) => [r, c.low[i]!] as const).reverse().map(([r, v]) => `${b.x(r)},${b.y(v)}`).join(' ')}`} fill="var(--link)" opacity="0.16" />
            <polyline points={line(c.isotonic, b.x, b.y)} fill="none" stroke="var(--soft)" stroke-width="1.4" stroke-dasharray="5 4" />
            <polyline points={line(c.chance, b.x, b.y)} fill="none" stroke="var(--link)" stroke-width="2" />
            {c.bins.map((n) => (
              <g key={n.range_m}>
                <title>{`${Math.round(n.share * n.scans)} of ${n.scans} scans at about ${digits(n.range_m)} m`}</title>
                {n.low !== null && n.high !== null && <line x1={b.x(n.range_m)} x2={b.x(n.range_m)} y1={b.y(n.low)} y2={b.y(n.high)} stroke="var(--ink)" stroke-width="1.2" />}
                <circle cx={b.x(n.range_m)} cy={b.y(n.share)} r="3.4" fill="var(--ink)" />
              </g>
            ))}
          </>
        )}
      </Frame>
    </>
  );
}

/** A row for each pass: when the target was in the volume, when it was followed, and by which track. */
export function CustodyChart({ drawing: d }: { drawing: Drawing }): JSX.Element {
  const width = 960;
  const left = 190;
  const row = 24;
  const top = 22;
  const longest = Math.max(1, ...d.passes.map((p) => p.length_s));
  const scale = linear(0, longest, 8);
  const x = (t: number): number => left + scale.at(t) * (width - left - 12);
  const foot = top + row * d.passes.length;
  const [given] = useQuery('t');
  const at = given === '' ? null : Number(given);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => { if (box.current) box.current.scrollLeft = 0; }, [d]);
  const jump = (p: Schemas['TrialPass'], s: number): void => change({ t: Math.round(p.begins_s + s) });
  return (
    <>
      <p class="legend-line small"><i class="key held-0" /> followed; another colour is another track <i class="key gap" /> missed <b aria-hidden="true">▾</b> first alert at the operator <i class="key line" /> the line is crossed</p>
      <div class="scroll custody" ref={box} tabIndex={0} role="region" aria-label="Custody of each target in each run">
        <svg class="chart" viewBox={`0 0 ${width} ${foot + 40}`} role="group" aria-label="Custody of each target in each run">
          {d.passes.map((p, n) => {
            const y = top + n * row;
            return (
              <g key={p.run + p.target}>
                <text x={left - 10} y={y + 14} text-anchor="end">{p.run} · {p.target}</text>
                {p.spans.map((s, i) => (
                  <rect key={i} x={x(s.start_s)} y={y + 3} width={Math.max(1, x(s.end_s) - x(s.start_s))} height={row - 9} class={s.nth < 0 ? 'span-gap' : 'span-held'} fill={s.nth < 0 ? 'none' : `var(--${HELD[s.nth % HELD.length]})`} onClick={() => jump(p, s.start_s)}>
                    <title>{`${s.track}: ${digits(s.start_s)} to ${digits(s.end_s)} s`}</title>
                  </rect>
                ))}
                {p.line_s !== null && <line x1={x(p.line_s)} x2={x(p.line_s)} y1={y - 1} y2={y + row - 4} stroke="var(--ink)" stroke-width="2" />}
                {p.alert_s !== null && <path d={`M${x(Math.min(p.alert_s, longest))} ${y + 3}l5 -7h-10z`} fill="var(--ink)"><title>{`first alert at ${digits(p.alert_s)} s`}</title></path>}
                {at !== null && at >= p.begins_s && at <= p.begins_s + p.length_s && <line x1={x(at - p.begins_s)} x2={x(at - p.begins_s)} y1={y} y2={y + row - 4} stroke="var(--link)" stroke-width="2" stroke-dasharray="3 2" />}
              </g>
            );
          })}
          <line class="axis" x1={left} x2={width - 12} y1={foot} y2={foot} />
          {scale.ticks.map((t) => <text key={t} class="soft" x={x(t)} y={foot + 16} text-anchor="middle">{t}</text>)}
          <text class="soft" x={width - 12} y={foot + 33} text-anchor="end">s since entering the protected volume</text>
        </svg>
      </div>
    </>
  );
}

export function LatencyChart({ latency: l }: { latency: Schemas['Latency'] }): JSX.Element {
  const edges = l.edges_s;
  const most = Math.max(1, ...l.counts);
  return (
    <Frame label={`How late reports reached the operator: half within ${digits(l.p50_s)} s, 95 % within ${digits(l.p95_s)} s`} xs={linear(edges[0]!, edges[edges.length - 1]!)} ys={linear(0, most * 1.05)} xText={digits} yText={digits} xTitle="s from measuring to the operator" yTitle="reports" height={320}>
      {(b) => (
        <>
          {l.counts.map((n, i) => <rect key={i} x={b.x(edges[i]!)} width={Math.max(1, b.x(edges[i + 1]!) - b.x(edges[i]!) - 1)} y={b.y(n)} height={b.y(0) - b.y(n)} fill="var(--plan)" />)}
          {([['half', l.p50_s], ['95 %', l.p95_s]] as const).map(([name, v]) => (
            <g key={name}><line x1={b.x(v)} x2={b.x(v)} y1={b.y(0)} y2={b.y(most * 1.05)} stroke="var(--ink)" stroke-width="1.4" stroke-dasharray="4 3" /><text class="halo" x={b.x(v) + 4} y={b.y(most) + (name === 'half' ? 2 : 18)}>{name} {digits(v)} s</text></g>
          ))}
        </>
      )}
    </Frame>
  );
}
