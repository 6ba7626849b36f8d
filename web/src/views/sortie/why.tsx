// Outcome, cause and chain in words; every instant is a way to that instant.
import type { JSX } from 'preact';
import type { Schemas } from '../../api/client';
import { Severity, Sign } from '../../ui/marks';
import { plain, plural } from '../../words/plain';
import { clock as shownClock } from '../../words/units';
import type { Page } from './index';

type Jump = (t: number) => void;

export function At({ t, jump }: { t: number | null; jump: Jump }): JSX.Element | null {
  if (t === null) return null;
  return <button type="button" class="at" onClick={() => jump(t)} title="Show this instant">{shownClock(t)}</button>;
}

export function Why({ page, jump }: { page: Page; jump: Jump }): JSX.Element {
  const { cause, row } = page;
  return (
    <section class="block why" aria-labelledby="why">
      <header>
        <h2 id="why">{cause ? `Why: ${plain(cause.kind)}` : 'Why'}</h2>
        {cause?.cause_class && <span class="note">{cause.cause_class}{cause.confidence !== null && `, ${Math.round(cause.confidence * 100)} % sure`}</span>}
      </header>
      {!cause && <p class="soft">{needsCause(row.outcome) ? 'No detector found a cause. What could not be assessed, and why, stands below.' : 'Nothing went wrong that would need a cause.'}</p>}
      {cause && (
        <ol class="chain">
          {cause.chain.map((k, i) => (
            <li key={i}><At t={k.t_s} jump={jump} /> {k.says}</li>
          ))}
          <li class="outcome"><b>{plain(row.judged)}</b>{page.evidence[0] ? `: ${page.evidence[0].says}` : ''}</li>
        </ol>
      )}
      <h3>Evidence for “{plain(row.judged)}”</h3>
      <EvidenceList evidence={page.evidence} jump={jump} />
      {page.sources.length > 1 && <><h3>Several logs</h3><ul>{page.sources.map((c) => <li key={c}>{c}</li>)}</ul></>}
    </section>
  );
}

const needsCause = (outcome: string): boolean => !['completed', 'not_flown', 'aborted'].includes(outcome);

export function EvidenceList({ evidence, jump }: { evidence: Schemas['Evidence'][]; jump: Jump }): JSX.Element {
  if (!evidence.length) return <p class="soft">None was written down.</p>;
  return (
    <ul class="evidence">
      {evidence.map((e, i) => <li key={i}><At t={e.t_s} jump={jump} /> {e.says}{e.channel && <> <code class="soft">{e.channel}</code></>}</li>)}
    </ul>
  );
}

export function Findings({ page, jump }: { page: Page; jump: Jump }): JSX.Element {
  const { findings, not_assessed: absent, cause } = page;
  return (
    <>
      <section class="block" aria-labelledby="findings">
        <header><h2 id="findings">Findings</h2><span class="note">{plural(findings.length, 'finding')}, by onset</span></header>
        {!findings.length && <p class="soft">No detector found anything, in all that could be assessed.</p>}
        <ul class="finding-list">
          {findings.map((f, i) => (
            <li key={i}>
              <span class="when soft nowrap"><At t={f.onset_s} jump={jump} />{f.end_s > f.onset_s ? <>to {shownClock(f.end_s)}</> : null}</span>
              <details>
                <summary>
                  <Severity of={f.severity} /> <b>{f.title}</b>{cause?.kind === f.kind && cause.onset_s === f.onset_s && <span class="chip"><Sign of="crashed" />the cause</span>}
                </summary>
                <EvidenceList evidence={f.evidence} jump={jump} />
                {Object.keys(f.thresholds).length > 0 && (
                  <p class="note">Thresholds used: {Object.entries(f.thresholds).map(([n, v]) => `${plain(n)} ${v ?? '–'}`).join(', ')}</p>
                )}
              </details>
            </li>
          ))}
        </ul>
      </section>
      <section class="block" aria-labelledby="absent">
        <header><h2 id="absent">Could not be assessed</h2><span class="note">{absent.length ? `${plural(absent.length, 'kind')}; absent is not the same as clear` : ''}</span></header>
        {absent.length
          ? <table class="t"><thead><tr><th>kind</th><th>why not</th></tr></thead><tbody>{absent.map((n) => <tr key={n.kind}><td class="nowrap">{n.title}</td><td>{n.reason}</td></tr>)}</tbody></table>
          : <p class="soft">Nothing: the log holds what every detector needs.</p>}
      </section>
    </>
  );
}
