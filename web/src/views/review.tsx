// What a person should look at, and everything that people have said.
import type { JSX } from 'preact';
import { type Schemas, get } from '../api/client';
import { useData } from '../api/data';
import { sortieLink, useCampaign } from '../app/session';
import { Outcome } from '../ui/marks';
import { Empty, Failed, Loading } from '../ui/state';
import { plain, plural, vehicleName } from '../words/plain';
import { count, day, percent, utc } from '../words/units';

/** Below this a judgement is shown to a person first; the judge's own figures stop short of it rarely. */
const SURE = 0.9;
const LOOKED_AT = 200;

export default function Review(): JSX.Element {
  const campaign = useCampaign();
  const undetermined = useData(`review/undetermined/${campaign}`, (signal) => get('/api/sorties', { query: { campaign, outcome: ['undetermined'], limit: LOOKED_AT }, signal }));
  const unsure = useData(`review/unsure/${campaign}`, (signal) => get('/api/sorties', { query: { campaign, sort: 'confidence', order: 'ascending', limit: LOOKED_AT }, signal }));
  const trail = useData('reviews', (signal) => get('/api/reviews', { query: { limit: 200 }, signal }));
  return (
    <>
      <div class="page-head"><div><h1>Review</h1><p>A person's word stands on top of the program's judgement and never replaces it. Both are kept, and the campaign counts the person's.</p></div></div>
      <Queue title="Undetermined" note="the evidence does not decide; a witness may" found={undetermined} keep={(r) => !r.is_reviewed} total />
      <Queue title="Least sure" note={`judged with less than ${percent(SURE)} confidence, the least sure first`} found={unsure} keep={(r) => !r.is_reviewed && r.outcome !== 'undetermined' && r.confidence !== null && r.confidence < SURE} />
      <section class="block" aria-labelledby="trail">
        <header><h2 id="trail">Audit trail</h2><span class="note">newest first</span></header>
        {trail.error ? <Failed error={trail.error} again={trail.again} /> : !trail.data ? <Loading what="reviews" /> : !trail.data.reviews.length
          ? <Empty title="Nobody has reviewed anything yet"><p>Open a sortie, then its tab Review. On the command line: <code>flyoff review SORTIE --outcome crashed --because "seen by two witnesses"</code></p></Empty>
          : <TrailTable reviews={trail.data.reviews} />}
      </section>
    </>
  );
}

interface QueueProps {
  title: string;
  note: string;
  found: { data: Schemas['Sorties'] | undefined; error: unknown; again: () => void };
  keep: (r: Schemas['SortieRow']) => boolean;
  total?: boolean;
}

function Queue({ title, note, found, keep, total }: QueueProps): JSX.Element {
  const rows = found.data?.rows.filter(keep) ?? [];
  return (
    <section class="block" aria-label={title}>
      <header><h2>{title}</h2><span class="note">{note}</span></header>
      {found.error ? <Failed error={found.error} again={found.again} /> : !found.data ? <Loading what={title} height={80} /> : !rows.length ? <p class="soft">None is left.</p> : (
        <div class="scroll" tabIndex={0} role="region" aria-label={title}>
          <table class="t">
            <thead><tr><th>judged</th><th class="num">sure</th><th>cause</th><th>vehicle</th><th>day</th><th>what decided</th><th /></tr></thead>
            <tbody>{rows.slice(0, 60).map((r) => (
              <tr key={r.sortie_id}>
                <td><a class="opens" href={sortieLink(r.sortie_id)}><Outcome of={r.judged} /></a></td>
                <td class="num">{percent(r.confidence)}</td>
                <td class="nowrap">{plain(r.cause)}</td><td class="nowrap">{r.candidate} <span class="soft" title={r.vehicle}>{vehicleName(r.vehicle)}</span></td><td class="nowrap">{day(r.start_utc)}</td><td>{r.says}</td>
                <td><a href={sortieLink(r.sortie_id, { tab: 'review' })}>Review</a></td>
              </tr>
            ))}</tbody>
          </table>
        </div>
      )}
      {total && found.data && found.data.total > LOOKED_AT && <p class="note">{count(found.data.total)} in all; the newest {LOOKED_AT} are listed.</p>}
    </section>
  );
}

function TrailTable({ reviews }: { reviews: Schemas['Review'][] }): JSX.Element {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Audit trail">
      <table class="t">
        <thead><tr><th>when</th><th>who</th><th>outcome</th><th>cause</th><th>because</th><th>sortie</th></tr></thead>
        <tbody>{reviews.map((r, i) => (
          <tr key={i}>
            <td class="nowrap">{utc(r.reviewed_utc)}</td><td class="nowrap">{r.by}</td><td>{r.outcome ? <Outcome of={r.outcome} /> : <span class="soft">as judged</span>}</td>
            <td>{plain(r.cause)}{r.cause_class && <span class="soft"> {r.cause_class}</span>}</td><td>{r.because}</td>
            <td><a class="mono" href={sortieLink(r.sortie_id, { tab: 'review' })}>{r.sortie_id.slice(0, 10)}</a></td>
          </tr>
        ))}</tbody>
      </table>
      <p class="note">{plural(reviews.length, 'review')}</p>
    </div>
  );
}
