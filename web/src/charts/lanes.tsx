// The test day: a lane per vehicle, a mark per sortie by outcome, as long as it was in the air.
import type { JSX } from 'preact';
import type { Schemas } from '../api/client';
import { sortieLink } from '../app/session';
import { Sign, outcomeColour } from '../ui/marks';
import { plain, vehicleName } from '../words/plain';
import { duration, utc } from '../words/units';
import { ticksOf } from './scale';

type Timeline = Schemas['Timeline'];

export function Lanes({ timeline }: { timeline: Timeline }): JSX.Element {
  const start = Date.parse(timeline.start_utc ?? '') || 0;
  const end = Date.parse(timeline.end_utc ?? '') || start + 1;
  const span = Math.max(end - start, 60_000);
  const from = start - span * 0.02;
  const wide = span * 1.05;
  const at = (ms: number): number => ((ms - from) / wide) * 100;
  const ticks = timeTicks(from, from + wide);
  let before = '';
  return (
    <div class="lanes" role="list" aria-label="Sorties by vehicle and time">
      <div class="lane head" aria-hidden="true">
        <span />
        <div class="track">{ticks.map((t) => <i key={t.ms} style={{ left: `${at(t.ms)}%` }}>{t.text}</i>)}</div>
      </div>
      {timeline.lanes.map((lane) => {
        const isNew = lane.candidate !== before;
        before = lane.candidate;
        return (
          <div class={`lane${isNew ? ' first' : ''}`} role="listitem" key={`${lane.candidate}/${lane.vehicle}`}>
            <span class="who">{isNew && lane.candidate && <b>{lane.candidate}</b>} <span title={lane.vehicle}>{vehicleName(lane.vehicle)}</span></span>
            <div class="track">
              {ticks.map((t) => <u key={t.ms} style={{ left: `${at(t.ms)}%` }} />)}
              {lane.marks.map((m) => {
                const a = Date.parse(m.start_utc);
                const b = Math.max(Date.parse(m.end_utc) || a, a);
                const says = `${plain(m.outcome)}${m.cause ? `, ${plain(m.cause)}` : ''}; ${vehicleName(lane.vehicle)}, ${utc(m.start_utc)}, ${duration(m.airborne_s)} in the air${m.is_reviewed ? ', reviewed' : ''}`;
                return (
                  <a
                    key={m.sortie_id} class={`o-${m.outcome}`} href={sortieLink(m.sortie_id)} title={says} aria-label={says}
                    style={{ left: `${at(a)}%`, '--long': `${((b - a) / wide) * 100}cqw`, '--own': `var(--${outcomeColour(m.outcome)})` }}
                  >
                    <i /><Sign of={m.outcome} />
                  </a>
                );
              })}
            </div>
          </div>
        );
      })}
    </div>
  );
}

function timeTicks(from: number, to: number): { ms: number; text: string }[] {
  const hours = (to - from) / 3.6e6;
  if (hours > 24 * 400) return monthly(from, to, Math.ceil(hours / 24 / 30 / 8));
  if (hours > 72) {
    return ticksOf(from / 8.64e7, to / 8.64e7, 7).filter(Number.isInteger)
      .map((d) => ({ ms: d * 8.64e7, text: new Date(d * 8.64e7).toISOString().slice(5, 10) }));
  }
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720].find((m) => (hours * 60) / m <= 8) ?? 1440;
  const found: { ms: number; text: string }[] = [];
  for (let ms = Math.ceil(from / (step * 6e4)) * step * 6e4; ms <= to; ms += step * 6e4) {
    found.push({ ms, text: new Date(ms).toISOString().slice(11, 16) });
  }
  return found;
}

function monthly(from: number, to: number, every: number): { ms: number; text: string }[] {
  const found: { ms: number; text: string }[] = [];
  const at = new Date(from);
  for (let m = 0; ; m += Math.max(1, every)) {
    const ms = Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1 + m, 1);
    if (ms > to) return found;
    found.push({ ms, text: new Date(ms).toISOString().slice(0, 7) });
  }
}
