// A person's word on a sortie: on top of the judgement, never in its place, with name and reason.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Problem, type Schemas, getTagged, post } from '../../api/client';
import { refresh, useData } from '../../api/data';
import { useMay, useSession } from '../../app/session';
import { OUTCOMES, Outcome } from '../../ui/marks';
import { Failed, Loading } from '../../ui/state';
import { plain } from '../../words/plain';
import { utc } from '../../words/units';
import type { Page } from './index';

type CauseClass = NonNullable<Schemas['NewReview']['cause_class']>;

export function ReviewTab({ page }: { page: Page }): JSX.Element {
  const id = page.row.sortie_id;
  const found = useData(`reviews/${id}`, (signal) => getTagged('/api/sorties/{sortie}/reviews', { path: { sortie: id }, signal }));
  const may = useMay('analyst');
  if (found.error) return <Failed error={found.error} again={found.again} />;
  if (!found.data) return <Loading what="reviews" height={200} />;
  return (
    <div class="columns even">
      <section class="block" aria-labelledby="write">
        <header><h2 id="write">Confirm or correct</h2></header>
        {may ? <Form page={page} etag={found.data.etag ?? '*'} /> : <p class="soft">Your role may read. A review needs the role analyst: ask an administrator for a token.</p>}
      </section>
      <section class="block" aria-labelledby="trail">
        <header><h2 id="trail">Audit trail</h2><span class="note">newest first; nothing is ever overwritten</span></header>
        <Trail reviews={found.data.data.reviews} />
        <p class="small"><b>The program:</b> <Outcome of={page.row.judged} />{page.cause && <>, {plain(page.cause.kind)}</>}</p>
      </section>
    </div>
  );
}

export function Trail({ reviews }: { reviews: Schemas['Review'][] }): JSX.Element {
  if (!reviews.length) return <p class="soft">Nobody has reviewed this sortie yet.</p>;
  return (
    <ol class="trail">
      {reviews.map((r, i) => (
        <li key={i}>
          <b>{r.by || 'no name'}</b> <span class="soft">{utc(r.reviewed_utc)}</span>: {r.outcome ? <Outcome of={r.outcome} /> : 'outcome as judged'}
          {r.cause && `, ${plain(r.cause)}`}{r.cause_class && ` (${r.cause_class})`}<br />“{r.because}”
        </li>
      ))}
    </ol>
  );
}

function Form({ page, etag }: { page: Page; etag: string }): JSX.Element {
  const { words, who } = useSession();
  const { row } = page;
  const [outcome, setOutcome] = useState<string>(row.outcome);
  const [cause, setCause] = useState<string>(row.cause ?? '');
  const [whose, setWhose] = useState<string>(page.cause?.cause_class ?? '');
  const [because, setBecause] = useState('');
  const [by, setBy] = useState(() => remembered());
  const [state, setState] = useState<{ busy?: boolean; failed?: unknown; done?: boolean }>({});
  const [seen, setSeen] = useState(etag);
  const asksName = who.by === 'this machine' || who.by === 'nobody';
  const send = async (e: Event): Promise<void> => {
    e.preventDefault();
    setState({ busy: true });
    try {
      await post('/api/sorties/{sortie}/reviews', {
        path: { sortie: row.sortie_id }, headers: { 'If-Match': etag },
        body: {
          outcome: outcome as Schemas['NewReview']['outcome'], cause: (cause || null) as Schemas['NewReview']['cause'],
          cause_class: (whose || null) as CauseClass | null, because: because.trim(), by: by.trim(),
        },
      });
      remember(by.trim());
      setState({ done: true });
      setBecause('');
      setSeen('');
      refresh();
    } catch (failed) {
      setState({ failed: failed instanceof Problem && failed.status === 412
        ? new Problem(409, 'Somebody reviewed this sortie a moment ago', 'Their review now stands in the audit trail. What you wrote is still here: look at theirs, then save again.') : failed });
      refresh();
    }
  };
  return (
    <form class="form" onSubmit={(e) => void send(e)}>
      <label>Outcome <select value={outcome} onChange={(e) => setOutcome(e.currentTarget.value)}>
        {OUTCOMES.map((o) => <option key={o} value={o}>{plain(o)}{o === row.judged ? ' (as judged)' : ''}</option>)}
      </select></label>
      <label>Cause <select value={cause} onChange={(e) => setCause(e.currentTarget.value)}>
        <option value="">as judged, or none</option>
        {Object.entries(words.kinds).map(([k, says]) => <option key={k} value={k}>{says}</option>)}
      </select></label>
      <label>Whose <select value={whose} onChange={(e) => setWhose(e.currentTarget.value)}>
        <option value="">not said</option>
        {words.cause_classes.map((c) => <option key={c} value={c}>{c}</option>)}
      </select></label>
      {asksName && <label>Your name <input required maxLength={100} value={by} onInput={(e) => setBy(e.currentTarget.value)} autocomplete="name" /></label>}
      <label class="wide">Because <textarea required rows={3} maxLength={2000} value={because} onInput={(e) => setBecause(e.currentTarget.value)} placeholder="What was seen, by whom, where it is written down" /></label>
      {state.failed !== undefined && <Failed error={state.failed} />}
      {seen !== '' && seen !== etag && <p class="notice" role="status">Somebody reviewed this sortie meanwhile: see the audit trail. Saving puts your word on top of theirs.</p>}
      <div class="row">
        <button class="primary" type="submit" disabled={state.busy}>{outcome === row.judged ? 'Confirm' : 'Correct'}</button>
        {state.done && <span role="status">Saved.</span>}
      </div>
    </form>
  );
}

const NAME = 'flyoff-reviewer';
function remembered(): string {
  try {
    return localStorage.getItem(NAME) ?? '';
  } catch {
    return '';
  }
}
function remember(name: string): void {
  try {
    localStorage.setItem(NAME, name);
  } catch {
    // asked again the next time
  }
}
