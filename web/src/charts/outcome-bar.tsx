import type { JSX } from 'preact';
import { to } from '../app/session';
import { OUTCOMES, Sign, outcomeColour } from '../ui/marks';
import { plain } from '../words/plain';
import { count } from '../words/units';

type Counts = Partial<Record<string, number>>;

/** How sorties ended, as one bar; the words and counts stand beside it. */
export function OutcomeBar({ counts, height = 14 }: { counts: Counts; height?: number }): JSX.Element {
  const total = Object.values(counts).reduce<number>((a, b) => a + (b ?? 0), 0);
  let x = 0;
  const says = OUTCOMES.filter((o) => counts[o]).map((o) => `${counts[o]} ${plain(o)}`).join(', ');
  return (
    <svg width="100%" height={height} role="img" aria-label={says || 'no sortie'} class="outcome-bar">
      <title>{says}</title>
      {OUTCOMES.map((o) => {
        const n = counts[o] ?? 0;
        if (!n || !total) return null;
        const from = x;
        x += n / total;
        return <rect key={o} x={`${from * 100}%`} width={`calc(${(n / total) * 100}% - 1.5px)`} height={height} fill={`var(--${outcomeColour(o)})`} opacity={o === 'not_flown' ? 0.35 : 1} />;
      })}
    </svg>
  );
}

/** Every outcome with its count, each a way into the table of those sorties. */
export function OutcomeCounts({ counts, query = {} }: { counts: Counts; query?: Record<string, string> }): JSX.Element {
  return (
    <ul class="outcome-counts">
      {OUTCOMES.filter((o) => counts[o]).map((o) => (
        <li key={o}>
          <a href={to(['sorties'], { ...query, outcome: o })}><Sign of={o} /><b>{count(counts[o] ?? 0)}</b> {plain(o)}</a>
        </li>
      ))}
    </ul>
  );
}
