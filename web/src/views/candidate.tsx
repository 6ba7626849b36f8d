// One candidate: what is proved, how it got better or not, why it failed, where it landed.
import type { JSX } from 'preact';
import { type Schemas, get } from '../api/client';
import { useData } from '../api/data';
import { useRoute } from '../app/router';
import { to, useCampaign, useSession } from '../app/session';
import { useSettings } from '../app/settings';
import { GrowthChart, OutcomeStrip, Pareto, SurvivalChart, Target } from '../charts/candidate-charts';
import { OutcomeBar, OutcomeCounts } from '../charts/outcome-bar';
import { Verdict } from '../ui/marks';
import { Empty, Failed, Loading } from '../ui/state';
import { plain, plural, sentence, vehicleName } from '../words/plain';
import { digits, percent, quantity } from '../words/units';

type Page = Schemas['CandidatePage'];

export default function Candidate({ rest }: { rest: string[] }): JSX.Element {
  const campaign = useCampaign();
  const name = rest[0] ?? '';
  const found = useData(`candidate/${campaign}/${name}`, (signal) => get('/api/campaigns/{campaign}/candidates/{candidate}', { path: { campaign, candidate: name }, signal }));
  if (found.error) return <Failed page={name} error={found.error} again={found.again} />;
  if (!found.data) return <Loading page={name} what={name} height={600} />;
  return <Shown page={found.data} />;
}

function Shown({ page }: { page: Page }): JSX.Element {
  const { words } = useSession();
  const totals: Record<string, number> = {};
  for (const v of page.by_vehicle) for (const [o, n] of Object.entries(v.outcomes)) totals[o] = (totals[o] ?? 0) + (n ?? 0);
  return (
    <>
      <div class="page-head"><div>
        <p class="crumbs"><a href={to(['campaign'])}>Campaign</a> / {page.candidate}</p>
        <h1>{page.candidate}</h1>
        <p>{[page.about, plural(page.vehicles.length, 'vehicle'), plural(page.sorties.length, 'sortie')].filter(Boolean).join(' · ')}</p>
      </div></div>
      {page.sorties.length === 0 && <Empty title="No sortie of this candidate is in the store"><p>Its vehicles are {page.vehicles.join(', ') || 'not named in campaign.toml'}. <a href="#/upload">Bring logs</a></p></Empty>}
      <OutcomeCounts counts={totals} query={{ candidate: page.candidate }} />
      <Verdicts page={page} />
      <div class="pair">
        <section class="block" aria-labelledby="growth">
          <header><h2 id="growth">Reliability over time</h2></header>
          <OutcomeStrip sorties={page.sorties} />
          {page.sorties.some((s) => s.is_attempt) && <GrowthChart sorties={page.sorties} growth={page.growth} />}
          <p>{sentence(page.growth.says)}</p>
          <GrowthFigures growth={page.growth} />
        </section>
        <section class="block" aria-labelledby="causes">
          <header><h2 id="causes">Why sorties failed</h2></header>
          {page.causes.length ? <div class="scroll" tabIndex={0} role="region" aria-label="Causes"><Pareto causes={page.causes} candidate={page.candidate} /></div> : <p class="soft">No attempt failed.</p>}
        </section>
      </div>
      <div class="pair">
        {page.accuracy.map((a) => (
          <section class="block" key={a.measure} aria-label={`Accuracy: ${plain(a.measure)}`}>
            <header><h2>Accuracy: {words.measures[a.measure] ?? plain(a.measure)}</h2><span class="note">{plural(a.misses.length, 'sortie')}</span></header>
            {a.misses.length ? <Target accuracy={a} /> : <Empty title="Nothing to measure"><p>A miss needs a planned place: keep the mission file beside the log, or name it on the card.</p></Empty>}
          </section>
        ))}
        {page.survival && (
          <section class="block" aria-labelledby="survival">
            <header><h2 id="survival">Endurance</h2><span class="note">{page.survival.method}, {percent(page.survival.level)}</span></header>
            {page.survival.sorties.length ? <SurvivalChart survival={page.survival} /> : <p class="soft">No sortie was in the air.</p>}
            <p class="note">The end: {page.survival.event}. Uprights: sorties that ended otherwise; they flew at least so long. Dashed: interval.</p>
          </section>
        )}
      </div>
      <Vehicles page={page} />
    </>
  );
}

function Verdicts({ page }: { page: Page }): JSX.Element {
  const { units } = useSettings();
  const { query } = useRoute();
  const asked = query.get('requirement');
  return (
    <section class="block" aria-labelledby="verdicts">
      <header><h2 id="verdicts">Requirements</h2></header>
      {!page.verdicts.length && <Empty title="Nothing is required of this candidate"><p>Requirements stand in <code>campaign.toml</code>.</p></Empty>}
      <ul class="verdict-list">
        {page.verdicts.map((v) => (
          <li key={v.requirement}>
            <details open={v.requirement === asked}>
              <summary>
                <span class="what"><b>{v.requirement}</b> <span class="soft">{v.says}</span></span>
                <Verdict of={v.verdict} />
                <span class="figure">{v.estimate ? (v.unit ? quantity(v.estimate.value, v.unit, units) : percent(v.estimate.value)) : '–'}</span>
              </summary>
              <Details verdict={v} candidate={page.candidate} />
            </details>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Details({ verdict: v, candidate }: { verdict: Schemas['Verdict']; candidate: string }): JSX.Element {
  const share = (n: number | null): string => (n === null ? 'unbounded' : v.decides_about.includes('share') || !v.unit ? percent(n) : digits(n));
  return (
    <div class="verdict-details">
      <p>{v.because}</p>
      <ul>
        <li>{v.counts.successes} succeeded, {v.counts.failures} failed, {v.counts.undetermined} undetermined{v.counts.hours !== null && `, in ${digits(v.counts.hours)} h`}</li>
        {v.decides && <li>The interval that decides ({v.decides_about}): {share(v.decides.low)} to {share(v.decides.high)}; {v.decides.method}</li>}
        {Object.entries(v.intervals).map(([n, b]) => <li key={n}>{plain(n)}: {share(b.low)} to {share(b.high)}; {b.method}</li>)}
        {v.further && <li>{v.further.says}</li>}
        {v.clustering && <li>Sorties of one vehicle: design effect {digits(v.clustering.design_effect)}, {digits(v.clustering.effective_n)} effective trials from {plural(v.clustering.vehicles, 'vehicle')}. {v.clustering.note}</li>}
        {v.producer_risk && <li>{v.producer_risk.says}</li>}
        {v.sensitivity.map((c) => <li key={c.case}>{c.case}: <Verdict of={c.verdict} /></li>)}
        {v.missing.length > 0 && <li>No log carries {v.missing.join(', ')}</li>}
        {v.left_out.map((l) => <li key={l.why}>{plural(l.count, 'sortie')} left out: {l.why}</li>)}
      </ul>
      <p class="small"><a href={to(['sorties'], { candidate })}>The sorties</a></p>
    </div>
  );
}

function GrowthFigures({ growth: g }: { growth: Schemas['Growth'] }): JSX.Element {
  const e = (x: Schemas['Estimate'] | null, unit: string): string => (x && x.value !== null ? `${digits(x.value)}${unit} (${x.low === null ? '…' : digits(x.low)} to ${x.high === null ? '…' : digits(x.high)})` : '');
  return (
    <>
      <dl class="figures">
        {g.mtbf_now && <div><dt>hours between failures, now</dt><dd>{e(g.mtbf_now, ' h')}</dd></div>}
        {g.shape && <div><dt>shape (below 1: rarer)</dt><dd>{e(g.shape, '')}</dd></div>}
        {g.laplace_p !== null && <div><dt>trend, p (Laplace)</dt><dd>{digits(g.laplace_p)}</dd></div>}
      </dl>
      {g.configurations.length > 1 && (
        <div class="scroll" tabIndex={0} role="region" aria-label="By configuration"><table class="t"><thead><tr><th>configuration</th><th class="num">sorties</th><th class="num">failures</th><th class="num">hours</th><th class="num">failures an hour</th></tr></thead>
          <tbody>{g.configurations.map((c) => <tr key={c.configuration}><td>{c.configuration || <span class="soft">not said</span>}</td><td class="num">{c.sorties}</td><td class="num">{c.failures}</td><td class="num">{digits(c.hours)}</td><td class="num">{e(c.rate, '')}</td></tr>)}</tbody></table></div>
      )}
    </>
  );
}

function Vehicles({ page }: { page: Page }): JSX.Element | null {
  const { units } = useSettings();
  const { words } = useSession();
  if (!page.by_vehicle.length) return null;
  const names = [...new Set(page.by_vehicle.flatMap((v) => Object.keys(v.medians)))].filter((n) => page.by_vehicle.some((v) => v.medians[n] !== null));
  return (
    <section class="block" aria-labelledby="vehicles">
      <header><h2 id="vehicles">Vehicles side by side</h2></header>
      <div class="scroll" tabIndex={0} role="region" aria-label="Vehicles side by side">
        <table class="t">
          <thead><tr><th>vehicle</th><th class="num">sorties</th><th class="bar-cell">how they ended</th><th class="num">launched</th><th class="num">completed</th><th class="num">hours</th>{names.map((n) => <th key={n} class="num broken">{words.measures[n] ?? plain(n)}</th>)}</tr></thead>
          <tbody>
            {page.by_vehicle.map((v) => (
              <tr key={v.vehicle}>
                <td><a href={to(['sorties'], { candidate: page.candidate, vehicle: v.vehicle })}><span title={v.vehicle}>{vehicleName(v.vehicle)}</span></a></td>
                <td class="num">{v.sorties}</td>
                <td class="bar-cell"><OutcomeBar counts={v.outcomes} /></td>
                <td class="num">{v.launch.successes} of {v.launch.successes + v.launch.failures}</td>
                <td class="num">{v.completion.successes} of {v.completion.successes + v.completion.failures}</td>
                <td class="num">{digits(v.hours)}</td>
                {names.map((n) => <td key={n} class="num">{quantity(v.medians[n], words.units[n] ?? '', units)}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="note">Measures are medians over the vehicle's sorties.</p>
    </section>
  );
}
