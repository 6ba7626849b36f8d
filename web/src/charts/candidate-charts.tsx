// What a candidate's sorties amount to: growth, causes, accuracy, endurance.
import type { JSX } from 'preact';
import type { Schemas } from '../api/client';
import { sortieLink, to } from '../app/session';
import { useSettings } from '../app/settings';
import { SignPath, outcomeColour } from '../ui/marks';
import { plain, sentence, vehicleName } from '../words/plain';
import { digits, duration, percent, quantity, shown, utc } from '../words/units';
import { Frame } from './frame';
import { linear } from './scale';

export function GrowthChart({ sorties, growth }: { sorties: Schemas['FlownSortie'][]; growth: Schemas['Growth'] }): JSX.Element | null {
  const flown = sorties.filter((s) => s.is_attempt);
  const hours = Math.max(...flown.map((s) => s.hours), 1e-6);
  const most = Math.max(1, ...flown.map((s) => s.failures), ...growth.curve.map((c) => c.failures));
  const minutes = hours < 2;
  const k = minutes ? 60 : 1;
  let before = 0;
  const steps = flown.map((s) => {
    const from = before;
    before = s.failures;
    return { ...s, from };
  });
  return (
    <Frame
      label={`Failures over hours in the air: ${growth.failures} in ${digits(growth.hours)} h`} xs={linear(0, hours * k)} ys={linear(0, most, 4)}
      xText={digits} yText={(v) => (Number.isInteger(v) ? String(v) : '')} xTitle={minutes ? 'minutes in the air' : 'hours in the air'} yTitle="failures so far"
    >
      {(b) => (
        <>
          {growth.curve.length > 1 && <polyline fill="none" stroke="var(--plan)" stroke-width="2" stroke-dasharray="6 4" points={growth.curve.map((c) => `${b.x(c.hours * k)},${b.y(c.failures)}`).join(' ')} />}
          <polyline fill="none" stroke="var(--ink)" stroke-width="1.3" points={[`${b.x(0)},${b.y(0)}`, ...steps.flatMap((s) => [`${b.x(s.hours * k)},${b.y(s.from)}`, `${b.x(s.hours * k)},${b.y(s.failures)}`])].join(' ')} />
          {steps.map((s) => (
            <a key={s.sortie_id} href={sortieLink(s.sortie_id)} class={`o-${s.outcome}`} aria-label={said(s)}>
              <title>{said(s)}</title>
              <circle cx={b.x(s.hours * k)} cy={b.y(s.failures)} r="9" fill="var(--ground)" opacity="0.75" />
              <SignPath of={s.outcome} x={b.x(s.hours * k)} y={b.y(s.failures)} size={12} />
            </a>
          ))}
        </>
      )}
    </Frame>
  );
}

export function Pareto({ causes, candidate }: { causes: Schemas['CauseShare'][]; candidate: string }): JSX.Element {
  const most = Math.max(1, ...causes.map((c) => c.count));
  return (
    <table class="t pareto">
      <thead><tr><th>cause</th><th class="bar-cell">sorties</th><th class="num">share of attempts</th><th class="num">together</th></tr></thead>
      <tbody>
        {causes.map((c) => (
          <tr key={c.cause ?? ''}>
            <td>{c.cause ? <a href={to(['sorties'], { candidate, cause: c.cause })}>{plain(c.cause)}</a> : <span class="soft">no cause found</span>}{c.cause_class && <small class="soft"> {c.cause_class}</small>}</td>
            <td class="bar-cell"><div class="bar-line"><i style={{ width: `${(c.count / most) * 100}%` }} /> <b>{c.count}</b></div></td>
            <td class="num">{percent(c.share.value)} <small class="soft">({percent(c.share.low)} – {percent(c.share.high)})</small></td>
            <td class="num">{percent(c.cumulative)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Misses by their distance: the radii that hold 50 and 95 of 100, with bounds. The direction of a miss is not stored. */
export function Target({ accuracy }: { accuracy: Schemas['Accuracy'] }): JSX.Element {
  const { units } = useSettings();
  const as = shown('m', units);
  const values = accuracy.misses.map((m) => m.radius_m);
  const far = Math.max(1, ...values, accuracy.limit_m ?? 0, accuracy.r95?.value ?? 0) * 1.06;
  const size = 300;
  const centre = size / 2;
  const scale = linear(0, far * as.factor, 4);
  const r = (m: number): number => scale.at(m * as.factor) * (centre - 14);
  // Without a bearing every mark may stand anywhere on its circle: they are spread so as not to hide each other
  const golden = Math.PI * (3 - Math.sqrt(5));
  const ring = (m: number | null | undefined, dash: string, width: number): JSX.Element | null =>
    (m === null || m === undefined || m > far ? null : <circle cx={centre} cy={centre} r={r(m)} fill="none" stroke="var(--ink)" stroke-width={width} stroke-dasharray={dash} />);
  return (
    <div class="target">
      <svg class="chart" viewBox={`0 0 ${size} ${size}`} role="group" aria-label={`${values.length} misses; half within ${quantity(accuracy.cep?.value, 'm', units)}, 95 of 100 within ${quantity(accuracy.r95?.value, 'm', units)}`}>
        {scale.ticks.filter((v) => v > 0).map((v) => (
          <g key={v}>
            <circle class="gridline" cx={centre} cy={centre} r={scale.at(v) * (centre - 14)} fill="none" />
            <text class="soft" x={centre + 3} y={centre - scale.at(v) * (centre - 14) - 3}>{digits(v)} {as.unit}</text>
          </g>
        ))}
        <path d={`M${centre - 5} ${centre}h10M${centre} ${centre - 5}v10`} stroke="var(--ink)" />
        {accuracy.limit_m !== null && <circle cx={centre} cy={centre} r={r(accuracy.limit_m)} fill="var(--green)" fill-opacity="0.1" stroke="var(--green)" stroke-width="1.5" stroke-dasharray="5 3" />}
        {ring(accuracy.cep?.value, '', 1.6)}
        {ring(accuracy.r95?.value, '1 4', 2)}
        {accuracy.misses.map((m, i) => (
          <a key={m.sortie_id} href={sortieLink(m.sortie_id)} class={`o-${m.outcome}`} aria-label={`${quantity(m.radius_m, 'm', units)}; ${plain(m.outcome)}, ${vehicleName(m.vehicle)}`}>
            <title>{`${quantity(m.radius_m, 'm', units)}; ${plain(m.outcome)}, ${vehicleName(m.vehicle)}`}</title>
            <SignPath of={m.outcome} x={centre + r(m.radius_m) * Math.cos(i * golden)} y={centre + r(m.radius_m) * Math.sin(i * golden)} size={10} />
          </a>
        ))}
      </svg>
      <dl class="figures">
        <div><dt>half within (CEP), solid ring</dt><dd>{est(accuracy.cep, units)}</dd></div>
        <div><dt>95 of 100 within (R95), dotted</dt><dd>{est(accuracy.r95, units)}</dd></div>
        {accuracy.limit_m !== null && <div><dt>required, dashed green</dt><dd>{quantity(accuracy.limit_m, 'm', units)}</dd></div>}
      </dl>
      <p class="note">Only the distance of a miss is stored, not its direction: marks stand on their circle, at no particular side. {sentence(accuracy.note)}</p>
    </div>
  );
}

function est(e: Schemas['Estimate'] | null, units: 'si' | 'aviation'): JSX.Element {
  if (!e || e.value === null) return <>–</>;
  return <>{quantity(e.value, 'm', units)} <small>{quantity(e.low ?? 0, 'm', units)} to {e.high === null ? 'unbounded' : quantity(e.high, 'm', units)}</small></>;
}

export function SurvivalChart({ survival }: { survival: Schemas['Survival'] }): JSX.Element {
  const last = Math.max(1, ...survival.sorties.map((s) => s.t_s), ...survival.steps.map((s) => s.t_s));
  const minutes = last > 180;
  const k = minutes ? 1 / 60 : 1;
  return (
    <Frame
      label={`Share of sorties in the air without ${survival.event} over time`} xs={linear(0, last * k)} ys={linear(0, 1, 4)}
      xText={digits} yText={(v) => percent(v)} xTitle={minutes ? 'minutes in the air' : 'seconds in the air'} yTitle="share still without a failure" left={50}
    >
      {(b) => {
        const step = (pick: (s: Schemas['SurvivalStep']) => number | null): string => {
          let y = b.y(1);
          let d = `M${b.x(0)} ${y}`;
          for (const s of survival.steps) {
            const v = pick(s);
            d += `H${b.x(s.t_s * k)}`;
            if (v !== null) y = b.y(v);
            d += `V${y}`;
          }
          return `${d}H${b.x(last * k)}`;
        };
        const at = (t: number): number => survival.steps.filter((s) => s.t_s <= t).at(-1)?.survival ?? 1;
        return (
          <>
            <path d={step((s) => s.low)} fill="none" stroke="var(--link)" stroke-width="1" stroke-dasharray="3 3" />
            <path d={step((s) => s.high)} fill="none" stroke="var(--link)" stroke-width="1" stroke-dasharray="3 3" />
            <path d={step((s) => s.survival)} fill="none" stroke="var(--link)" stroke-width="2.2" />
            {survival.sorties.filter((s) => !s.has_failed).map((s) => (
              <a key={s.sortie_id} href={sortieLink(s.sortie_id)} aria-label={`ended without failure after ${duration(s.t_s)}`}>
                <title>{`ended without failure after ${duration(s.t_s)}`}</title>
                <path d={`M${b.x(s.t_s * k)} ${b.y(at(s.t_s)) - 6}v12`} stroke="var(--ink)" stroke-width="1.5" />
              </a>
            ))}
          </>
        );
      }}
    </Frame>
  );
}

const said = (s: Schemas['FlownSortie']): string => `${plain(s.outcome)}${s.cause ? `, ${plain(s.cause)}` : ''}; ${vehicleName(s.vehicle)}, ${utc(s.start_utc)}`;

/** Outcomes in the order of time, one mark each. */
export function OutcomeStrip({ sorties }: { sorties: Schemas['FlownSortie'][] }): JSX.Element {
  return (
    <ol class="outcome-strip">
      {sorties.map((s) => (
        <li key={s.sortie_id}>
          <a href={sortieLink(s.sortie_id)} class={`o-${s.outcome}`} aria-label={said(s)} title={said(s)}>
            <svg viewBox="0 0 16 16" width="15" height="15" aria-hidden="true" style={{ color: `var(--${outcomeColour(s.outcome)})` }}><SignPath of={s.outcome} x={8} y={8} size={14} /></svg>
          </a>
        </li>
      ))}
    </ol>
  );
}
