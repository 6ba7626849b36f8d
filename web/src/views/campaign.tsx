// The one screen of the evening: who launched, who crashed, why, and what is still undecided.
import type { JSX } from 'preact';
import { type Schemas, address, get } from '../api/client';
import { useData } from '../api/data';
import { useQuery } from '../app/router';
import { sortieLink, to, useCampaign, useSession } from '../app/session';
import { ForestPlot } from '../charts/forest';
import { Lanes } from '../charts/lanes';
import { OutcomeBar, OutcomeCounts } from '../charts/outcome-bar';
import { Outcome, Verdict } from '../ui/marks';
import { Empty, Failed, Loading } from '../ui/state';
import { plain, plural, vehicleName } from '../words/plain';
import { day, percent, utc } from '../words/units';

type Page = Schemas['CampaignPage'];
/** Outcomes that somebody has to explain by the evening. */
const BAD = ['crashed', 'failed_launch', 'flew_away', 'wrong_destination', 'forced_landing', 'returned', 'undetermined'] as const;

export default function Campaign({ rest }: { rest: string[] }): JSX.Element {
  const { campaigns, about } = useSession();
  const chosen = useCampaign();
  const id = rest[0] ?? chosen;
  const page = useData(id ? `campaign/${id}` : null, (signal) => get('/api/campaigns/{campaign}', { path: { campaign: id }, signal }));
  if (!campaigns.length) return <NoCampaign sorties={about.sorties ?? 0} />;
  if (page.error) return <Failed page="Campaign" error={page.error} again={page.again} />;
  if (!page.data) return <Loading page="Campaign" what="the campaign" height={600} />;
  return <Shown page={page.data} />;
}

function NoCampaign({ sorties }: { sorties: number }): JSX.Element {
  return (
    <Empty page="Campaign" title="This server shows no campaign yet">
      <p>A campaign is a folder with <code>campaign.toml</code> (candidates, requirements) and <code>cards.csv</code>. Make one, then name it when serving:</p>
      <pre>flyoff campaign init my-flyoff/{'\n'}flyoff serve --store store/ --campaign my-flyoff/</pre>
      <p>{sorties ? <a href="#/sorties">See the {plural(sorties, 'sortie')} of the store</a> : <a href="#/upload">Bring logs into the store</a>}</p>
    </Empty>
  );
}

function Shown({ page }: { page: Page }): JSX.Element {
  const totals: Record<string, number> = {};
  for (const s of page.leaderboard) for (const [o, n] of Object.entries(s.outcomes)) totals[o] = (totals[o] ?? 0) + (n ?? 0);
  const span = page.days.length > 1 ? `${page.days[0]} to ${page.days.at(-1)}` : page.days[0] ?? '';
  const query = { campaign: page.id };
  return (
    <>
      <div class="page-head">
        <div>
          <h1>{page.name}</h1>
          <p>{[`${plural(page.sorties, 'sortie')}${page.not_counted.without_log.count ? ` (${page.not_counted.without_log.count} told by a card alone)` : ''}`, plural(page.leaderboard.filter((s) => s.candidate).length, 'candidate'), plural(page.days.length, 'test day'), span].filter(Boolean).join(' · ')}</p>
        </div>
        <div class="actions no-print">
          <a class="button" href={address('/api/campaigns/{campaign}/evaluation', { campaign: page.id })} download>Evaluation (JSON)</a>
          <button type="button" onClick={() => print()}>Print</button>
        </div>
      </div>
      {page.sorties === 0
        ? <Empty title="No sortie of this campaign is in the store"><p>Bring logs with <a href="#/upload">Upload</a>, or on this machine: <code>flyoff ingest sdcards/ --store store/</code></p></Empty>
        : <OutcomeCounts counts={totals} query={query} />}
      <Leaderboard page={page} />
      <Wrong page={page} />
      <section class="block" aria-labelledby="requirements">
        <header>
          <h2 id="requirements">Requirements</h2>
          <span class="note">
            Bar: the interval that decides ({page.settings.looks === 'any time' ? 'stays valid under peeking' : 'for one look at the end'}); pale: if all undetermined sorties had failed or succeeded; dashed: the limit.
          </span>
        </header>
        {page.forests.length === 0 && <Empty title="No requirement is set"><p>Write <code>[[requirements]]</code> into <code>campaign.toml</code>; <code>flyoff campaign check</code> says what can be required.</p></Empty>}
        <div class="forests">{page.forests.map((f) => <ForestPlot key={f.requirement} forest={f} campaign={page.id} />)}</div>
      </section>
      <Day page={page} />
      <Changed page={page} />
      <div class="pair">
        <Compared page={page} />
        <Outside page={page} />
      </div>
    </>
  );
}

function share(s: Schemas['Share']): JSX.Element {
  const e = s.estimate;
  if (!e) return <span class="soft">none decided</span>;
  return (
    <>
      <b>{percent(e.value)}</b> <span class="soft">({percent(e.low)} – {percent(e.high)})</span><br />
      <small class="soft">{s.successes} of {s.successes + s.failures}{s.undecided ? `; ${s.undecided} undetermined: ${percent(s.worst?.value)} – ${percent(s.best?.value)}` : ''}</small>
    </>
  );
}

function Leaderboard({ page }: { page: Page }): JSX.Element {
  return (
    <section class="block" aria-labelledby="board">
      <header><h2 id="board">Leaderboard</h2><span class="note">two-sided {percent(page.level)} Wilson intervals</span></header>
      <div class="scroll" tabIndex={0} role="region" aria-label="Leaderboard">
        <table class="t board">
          <thead><tr><th>candidate</th><th class="num">sorties</th><th class="bar-cell">how they ended</th><th>launched</th><th>completed as planned</th><th>requirements</th></tr></thead>
          <tbody>
            {page.leaderboard.map((s) => (
              <tr key={s.candidate}>
                <td>
                  {s.candidate ? <a href={to(['candidate', s.candidate])}><b>{s.candidate}</b></a> : <span class="soft">of no candidate</span>}
                  {s.about && <><br /><small class="soft">{s.about}</small></>}
                </td>
                <td class="num">{s.sorties}{s.not_counted > 0 && <><br /><small class="soft">{s.not_counted} not counted</small></>}</td>
                <td class="bar-cell"><OutcomeBar counts={s.outcomes} /><small class="soft">{Object.entries(s.outcomes).map(([o, n]) => `${n} ${plain(o)}`).join(', ')}</small></td>
                <td class="nowrap">{share(s.launch)}</td>
                <td class="nowrap">{share(s.completion)}</td>
                <td><Verdicts page={page} candidate={s.candidate} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="note">{page.counting}</p>
    </section>
  );
}

function Verdicts({ page, candidate }: { page: Page; candidate: string }): JSX.Element {
  const mine = page.forests.flatMap((f) => f.rows.filter((r) => r.candidate === candidate));
  const n = (v: string): number => mine.filter((r) => r.verdict === v).length;
  return <>{['met', 'missed', 'undecided'].filter(n).map((v) => <span key={v} class="nowrap tally">{n(v)} <Verdict of={v} /> </span>)}</>;
}

function Wrong({ page }: { page: Page }): JSX.Element | null {
  const found = useData(`wrong/${page.id}`, (signal) => get('/api/sorties', {
    query: { campaign: page.id, outcome: [...BAD], limit: 12 }, signal,
  }));
  if (found.error) return <Failed error={found.error} again={found.again} />;
  if (!found.data) return <Loading what="what went wrong" height={260} />;
  const { rows, total } = found.data;
  if (!rows.length) return null;
  return (
    <section class="block" aria-labelledby="wrong">
      <header>
        <h2 id="wrong">What went wrong</h2>
        <span class="note">newest first; open a sortie for its cause and evidence</span>
        <a class="small" href={to(['sorties'], { outcome: BAD.join(',') })}>all {total}</a>
      </header>
      <div class="scroll" tabIndex={0} role="region" aria-label="What went wrong">
        <table class="t wrong">
          <thead><tr><th>outcome</th><th>cause</th><th>vehicle</th><th>day</th><th>what decided</th></tr></thead>
          <tbody>
            {rows.map((r) => (
              <tr key={r.sortie_id}>
                <td><a class="opens" href={sortieLink(r.sortie_id)}><Outcome of={r.outcome} strong /></a></td>
                <td class="nowrap">{r.cause ? plain(r.cause) : <span class="soft">none found</span>}</td>
                <td class="nowrap">{r.candidate} <span class="soft" title={r.vehicle}>{vehicleName(r.vehicle)}</span></td>
                <td class="nowrap" title={utc(r.start_utc)}>{day(r.start_utc) || '–'}</td>
                <td>{r.says}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Day({ page }: { page: Page }): JSX.Element {
  const usual = page.days.length && page.sorties / page.days.length >= 4 ? page.days.at(-1)! : 'all';
  const [chosen, choose] = useQuery('day', usual);
  const found = useData(`timeline/${page.id}/${chosen}`, (signal) => get('/api/campaigns/{campaign}/timeline', {
    path: { campaign: page.id }, query: { day: chosen }, signal,
  }));
  return (
    <section class="block" aria-labelledby="day">
      <header>
        <h2 id="day">Test days</h2>
        <span class="note">a lane per vehicle, a mark per sortie; times in UTC</span>
        <label class="small no-print">Day <select value={chosen} onChange={(e) => choose((e.currentTarget as HTMLSelectElement).value)}>
          <option value="all">all days</option>
          {[...page.days].reverse().map((d) => <option key={d} value={d}>{d}</option>)}
        </select></label>
        {chosen !== 'all' && <a class="small no-print" href={to(['replay'], { day: chosen })}>Replay this day</a>}
      </header>
      {found.error ? <Failed error={found.error} again={found.again} />
        : !found.data ? <Loading what="the timeline" height={220} />
        : found.data.lanes.length ? <Lanes timeline={found.data} />
        : <Empty title="No sortie started on this day" />}
      {!!found.data?.without_utc.length && (
        <p class="note">{plural(found.data.without_utc.length, 'sortie')} without a time of day in the log: {found.data.without_utc.slice(0, 8).map((s, i) => <span key={s}>{i > 0 && ', '}<a href={sortieLink(s)}>{s.slice(0, 10)}</a></span>)}</p>
      )}
    </section>
  );
}

function Changed({ page }: { page: Page }): JSX.Element {
  const [since, choose] = useQuery('since');
  const found = useData(`changes/${page.id}/${since}`, (signal) => get('/api/campaigns/{campaign}/changes', {
    path: { campaign: page.id }, query: { since }, signal,
  }));
  const d = found.data;
  return (
    <section class="block" aria-labelledby="changed">
      <header>
        <h2 id="changed">What changed</h2>
        <span class="note">{d ? `since ${utc(d.since)}, by when logs and reviews came in` : ''}</span>
        <label class="small no-print">Since <input type="date" value={since.slice(0, 10)} onChange={(e) => choose(e.currentTarget.value)} /></label>
      </header>
      {found.error ? <Failed error={found.error} again={found.again} /> : !d ? <Loading what="changes" height={80} /> : <Changes changes={d} />}
    </section>
  );
}

function Changes({ changes }: { changes: Schemas['Changes'] }): JSX.Element {
  const turned = changes.verdicts.filter((v) => v.before !== null && v.before !== v.now);
  const first = changes.verdicts.filter((v) => v.before === null);
  if (!changes.new_sorties && !turned.length && !first.length && !changes.reviews.length) return <p class="soft">Nothing: no new sortie, no other verdict, no review.</p>;
  return (
    <ul class="changes">
      {turned.map((v) => (
        <li key={`${v.candidate}/${v.requirement}`}>
          <b>{v.candidate}</b>, {v.requirement}: <Verdict of={v.before ?? 'undecided'} /> → <Verdict of={v.now} />
        </li>
      ))}
      {first.length > 0 && (
        <li>
          {plural(first.length, 'verdict')} rest on sorties for the first time: {(['met', 'missed', 'undecided'] as const).map((v) => ({ v, n: first.filter((f) => f.now === v).length })).filter((x) => x.n).map(({ v, n }) => (
            <span key={v} class="nowrap tally">{n} <Verdict of={v} /></span>
          ))}
        </li>
      )}
      {changes.new_sorties > 0 && (
        <li>
          {plural(changes.new_sorties, 'new sortie')}: {changes.sorties.slice(0, 12).map((s, i) => (
            <span key={s.sortie_id}>{i > 0 && ' · '}<a href={sortieLink(s.sortie_id)} class="nowrap"><Outcome of={s.outcome} /></a> <span class="soft" title={s.vehicle}>{vehicleName(s.vehicle)}</span></span>
          ))}{changes.new_sorties > 12 && ` and ${changes.new_sorties - 12} more`}
        </li>
      )}
      {changes.reviews.map((r) => (
        <li key={`${r.sortie_id}${r.reviewed_utc}`}>
          <a href={sortieLink(r.sortie_id, { tab: 'review' })}>Reviewed</a> by {r.by}{r.outcome && <>: <Outcome of={r.outcome} /></>}: “{r.because}”
        </li>
      ))}
    </ul>
  );
}

function Compared({ page }: { page: Page }): JSX.Element | null {
  if (!page.comparisons.length) return null;
  return (
    <section class="block" aria-labelledby="compared">
      <header><h2 id="compared">Candidates against each other</h2></header>
      {page.comparisons.map((c) => (
        <div key={c.measure}>
          <h3>{plain(c.measure)}</h3>
          <ul class="changes">{c.differences.map((d) => <li key={d.first + d.second}>{d.says}</li>)}</ul>
          <p class="note">{Object.keys(c.probability_best).length > 0 && <>Probability of being best: {Object.entries(c.probability_best).map(([n, p]) => `${n} ${percent(p)}`).join(', ')}. </>}{c.note}</p>
        </div>
      ))}
    </section>
  );
}

function Outside({ page }: { page: Page }): JSX.Element {
  const { of_no_candidate: nobody, without_card: noCard, without_log: noLog } = page.not_counted;
  return (
    <section class="block" aria-labelledby="outside">
      <header><h2 id="outside">What stands outside</h2></header>
      <ul class="changes">
        <li>{plural(nobody.count, 'sortie')} of no candidate{nobody.count > 0 && <>: <Few ids={nobody.sorties} /></>}</li>
        <li>{plural(noCard.count, 'sortie')} without a card{noCard.count > 0 && <>: <Few ids={noCard.sorties} /></>}</li>
        <li>{plural(noLog.count, 'card')} without a log{page.cards_without_log.length > 0 && `: ${page.cards_without_log.slice(0, 6).map((c) => c[0]).join(', ')}`}</li>
        {page.agreement.map((a) => a.compared > 0 && (
          <li key={a.by}>
            Program and {a.by} agree on {a.agreed} of {a.compared}{a.undetermined ? `, ${a.undetermined} undetermined` : ''}
            {a.corrections.length > 0 && <>; otherwise: {a.corrections.slice(0, 4).map((c) => <span key={c.sortie}> <a href={sortieLink(c.sortie, { tab: 'review' })}>{plain(c.judged)} → {plain(c.said)}</a></span>)}</>}
          </li>
        ))}
        {page.notes.map((n) => <li key={n}>{n}</li>)}
      </ul>
    </section>
  );
}

function Few({ ids }: { ids: string[] }): JSX.Element {
  return <>{ids.slice(0, 6).map((s, i) => <span key={s}>{i > 0 && ', '}<a class="mono" href={sortieLink(s)}>{s.slice(0, 10)}</a></span>)}{ids.length > 6 && ' …'}</>;
}
