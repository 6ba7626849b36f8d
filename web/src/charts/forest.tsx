// A requirement with all its candidates: interval, point, limit, verdict in colour, shape and word.
import type { JSX } from 'preact';
import type { Schemas } from '../api/client';
import { to } from '../app/session';
import { useSettings } from '../app/settings';
import { SignPath, Verdict } from '../ui/marks';
import { digits, quantity } from '../words/units';
import { type Scale, fitting, linear } from './scale';

type Forest = Schemas['Forest'];
type Row = Schemas['ForestRow'];

export function ForestPlot({ forest, campaign }: { forest: Forest; campaign: string }): JSX.Element {
  const { units } = useSettings();
  const scale = scaleOf(forest);
  const limit = forest.axis_limit;
  const hasAny = forest.rows.some((r) => r.decides || r.value !== null);
  const tick = (v: number): string => (forest.axis_is_share ? `${Math.round(v * 100)}` : digits(v));
  return (
    <section class="forest" aria-label={`${forest.requirement}: ${forest.says}`}>
      <header>
        <h3 title={forest.says}>{forest.requirement}</h3>
        <span class="note">{limitText(forest, units)} · {forest.axis || forest.measure}{forest.axis_is_share ? ' [%]' : forest.axis ? '' : ` [${forest.unit}]`}</span>
      </header>
      <div class="forest-rows">
        {forest.rows.map((row) => (
          <div class="forest-row" key={row.candidate}>
            <a class="who" href={to(['candidate', row.candidate], { campaign: campaign || undefined, requirement: forest.requirement })}>{row.candidate}</a>
            <Interval row={row} scale={scale} limit={limit} />
            <span class="verdict"><Verdict of={row.verdict} /></span>
            <span class="figure" title={row.because}>{figure(row, forest, units)}</span>
            <span class="next">{row.further ? row.further.says : row.verdict === 'undecided' ? row.because : ''}</span>
          </div>
        ))}
        {hasAny && <div class="forest-row scale" aria-hidden="true">
          <span class="who" />
          <div class="ticks">
            {scale.ticks.map((v) => <i key={v} style={{ left: `${scale.at(v) * 100}%` }}>{tick(v)}</i>)}
          </div>
        </div>}
      </div>
    </section>
  );
}

function limitText(forest: Forest, units: 'si' | 'aviation'): string {
  const word = forest.direction === 'at_least' ? 'at least' : 'at most';
  const value = forest.unit ? quantity(forest.limit, forest.unit, units) : `${digits(forest.limit * 100)} %`;
  return `${word} ${value}`;
}

function figure(row: Row, forest: Forest, units: 'si' | 'aviation'): JSX.Element {
  const { counts } = row;
  const known = counts.successes + counts.failures;
  const value = row.shown?.value;
  const text = value === null || value === undefined ? '–' : forest.unit ? quantity(value, forest.unit, units) : `${digits(value * 100)} %`;
  const of = counts.hours !== null
    ? `${counts.failures} in ${digits(counts.hours)} h`
    : `${counts.successes} of ${known}`;
  return <>{text}<br /><small class="soft">{of}{counts.undetermined ? `, ${counts.undetermined} unknown` : ''}</small></>;
}

function scaleOf(forest: Forest): Scale {
  if (forest.axis_is_share) return linear(0, 1, 4);
  const values = forest.rows.flatMap((r) => [r.value, r.decides?.low, r.decides?.high, r.worst, r.best]);
  return fitting([...values, forest.axis_limit].filter((v): v is number => typeof v === 'number'));
}

function Interval({ row, scale, limit }: { row: Row; scale: Scale; limit: number | null }): JSX.Element {
  const pos = (v: number): string => `${scale.at(v) * 100}%`;
  const bound = row.decides;
  const low = bound ? (bound.low === null ? 0 : scale.at(bound.low)) : 0;
  const high = bound ? (bound.high === null ? 1 : scale.at(bound.high)) : 1;
  const said = bound ? `${bound.method}, interval ${bound.low === null ? 'unbounded' : digits(bound.low)} to ${bound.high === null ? 'unbounded' : digits(bound.high)}` : 'no interval: nothing was measured';
  return (
    <svg class={`interval v-${row.verdict}`} height="30" width="100%" role="img" aria-label={said}>
      <title>{said}</title>
      {bound && scale.ticks.map((v) => <line key={v} class="gridline" x1={pos(v)} x2={pos(v)} y1="0" y2="30" />)}
      {row.worst !== null && row.best !== null && row.worst !== row.best && (
        <line x1={pos(row.worst)} x2={pos(row.best)} y1="15" y2="15" stroke="currentColor" stroke-width="11" opacity="0.25" />
      )}
      {bound
        ? (
          <>
            <line x1={`${low * 100}%`} x2={`${high * 100}%`} y1="15" y2="15" stroke="currentColor" stroke-width="2.5" />
            {bound.low !== null && <line x1={`${low * 100}%`} x2={`${low * 100}%`} y1="10" y2="20" stroke="currentColor" stroke-width="2" />}
            {bound.high !== null && <line x1={`${high * 100}%`} x2={`${high * 100}%`} y1="10" y2="20" stroke="currentColor" stroke-width="2" />}
          </>
        )
        : <line x1="0" x2="100%" y1="15" y2="15" stroke="currentColor" stroke-width="1.5" stroke-dasharray="2 5" />}
      {limit !== null && <line class="limit" x1={pos(limit)} x2={pos(limit)} y1="0" y2="30" />}
      {row.value !== null && (
        <svg x={pos(row.value)} y="15" overflow="visible">
          <circle r="7.5" fill="var(--ground)" />
          <g><SignPath of={row.verdict === 'met' ? 'completed' : row.verdict === 'missed' ? 'wrong_destination' : 'aborted'} x={0} y={0} size={12} /></g>
        </svg>
      )}
    </svg>
  );
}
