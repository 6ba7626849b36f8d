// A shape, a colour and a word for every outcome, verdict and severity; the shapes are the report's.
import type { JSX } from 'preact';
import { plain } from '../words/plain';

export const SIGNS: Record<string, { d: string; hollow?: boolean; rule?: 'evenodd' }> = {
  completed: { d: 'M2 8a6 6 0 1 1 12 0a6 6 0 1 1-12 0z' },
  returned: { d: 'M14 2 3 8l11 6z' },
  aborted: { d: 'M2.5 2.5h11v11h-11z' },
  forced_landing: { d: 'M2 3h12L8 14z' },
  failed_launch: { d: 'M8 2l6.5 12h-13zM8 6.5 5.2 12h5.6z', rule: 'evenodd' },
  crashed: { d: 'M3.5 1 8 5.5 12.5 1 15 3.5 10.5 8l4.5 4.5-2.5 2.5L8 10.5 3.5 15 1 12.5 5.5 8 1 3.5z' },
  wrong_destination: { d: 'M8 1l7 7-7 7-7-7z' },
  flew_away: { d: 'M1 3.5 6 8l-5 4.5zM8 1l7.5 7L8 15z' },
  undetermined: { d: 'M4.3 5.6a3.7 3.7 0 1 1 5.6 3.1Q8 9.8 8 11.3M8 13.6v2', hollow: true },
  not_flown: { d: 'M2.5 8a5.5 5.5 0 1 1 11 0a5.5 5.5 0 1 1-11 0z', hollow: true },
  met: { d: 'M2 8.6l4 4.2L14 3.6', hollow: true },
  missed: { d: 'M3 3l10 10M13 3L3 13', hollow: true },
  undecided: { d: 'M1.5 8h13M4.5 5l-3 3 3 3M11.5 5l3 3-3 3', hollow: true },
};
export const OUTCOMES = [
  'completed', 'returned', 'aborted', 'forced_landing', 'failed_launch', 'crashed',
  'wrong_destination', 'flew_away', 'undetermined', 'not_flown',
] as const;
const COLOURS: Record<string, string> = {
  completed: 'green', returned: 'sky', aborted: 'plan', forced_landing: 'orange', failed_launch: 'vermillion',
  crashed: 'vermillion', wrong_destination: 'purple', flew_away: 'purple', undetermined: 'blue', not_flown: 'soft',
};
export const outcomeColour = (outcome: string | null | undefined): string => COLOURS[outcome ?? ''] ?? 'soft';

/** The shape alone, to stand inside a drawing of its own coordinates. */
export function SignPath({ of, x, y, size = 12 }: { of: string; x: number; y: number; size?: number }): JSX.Element {
  const sign = SIGNS[of] ?? SIGNS.undetermined!;
  const k = size / 16;
  return (
    <path
      class={sign.hollow ? 'hollow' : undefined} fill={sign.hollow ? 'none' : 'currentColor'} fill-rule={sign.rule}
      d={sign.d} transform={`translate(${x - size / 2} ${y - size / 2}) scale(${k})`}
    />
  );
}

export function Sign({ of, prefix = 'o' }: { of: string; prefix?: 'o' | 'v' }): JSX.Element {
  const sign = SIGNS[of] ?? SIGNS.undetermined!;
  return (
    <svg class={`sign ${prefix}-${of}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={sign.d} fill-rule={sign.rule} class={sign.hollow ? 'hollow' : undefined} />
    </svg>
  );
}

export function Outcome({ of, strong }: { of: string | null | undefined; strong?: boolean }): JSX.Element {
  const word = of || 'undetermined';
  return (
    <span class="mark">
      <Sign of={word} />
      {strong ? <b>{plain(word)}</b> : <span class="word">{plain(word)}</span>}
    </span>
  );
}

export function Verdict({ of }: { of: string }): JSX.Element {
  return (
    <span class="mark">
      <Sign of={of} prefix="v" />
      <b>{plain(of)}</b>
    </span>
  );
}

const BARS: Record<string, string> = { info: '▏', warning: '▏▏', critical: '▏▏▏' };

export function Severity({ of }: { of: string }): JSX.Element {
  return (
    <span class="mark">
      <i class={`bars s-${of}`} aria-hidden="true">{BARS[of] ?? '▏'}</i>
      <span class="word">{of}</span>
    </span>
  );
}
