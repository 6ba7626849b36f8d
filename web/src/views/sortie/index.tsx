// One sortie: how it ended and why at the top, the raw sample three clicks further down.
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { type Schemas, address, get } from '../../api/client';
import { useData } from '../../api/data';
import { Clock, Range } from '../../app/clock';
import { useKeys } from '../../app/keys';
import { useRoute } from '../../app/router';
import { sortieLink, to, useCampaign } from '../../app/session';
import { intoSight } from '../../app/shell';
import { Outcome } from '../../ui/marks';
import { Failed, Loading } from '../../ui/state';
import { plain, vehicleName } from '../../words/plain';
import { duration, percent, utc } from '../../words/units';
import { Flight } from './flight';
import { Messages } from './messages';
import { Parameters } from './parameters';
import { Raw } from './raw';
import { ReceiptTab } from './receipt';
import { ReviewTab } from './review';

export type Page = Schemas['SortiePage'];

const TABS = [
  ['', 'Flight'], ['raw', 'Raw topics'], ['parameters', 'Parameters'], ['messages', 'Messages'], ['receipt', 'Receipt and files'], ['review', 'Review'],
] as const;

export default function Sortie({ rest }: { rest: string[] }): JSX.Element {
  const id = rest[0] ?? '';
  const campaign = useCampaign();
  const found = useData(`sortie/${campaign}/${id}`, (signal) => get('/api/sorties/{sortie}', { path: { sortie: id }, query: { campaign }, signal }));
  if (found.error) return <Failed page="Sortie" error={found.error} again={found.again} />;
  if (!found.data) return <Loading page="Sortie" what="the sortie" height={600} />;
  return <Shown key={id} page={found.data} />;
}

function Shown({ page }: { page: Page }): JSX.Element {
  const { query } = useRoute();
  const tab = query.get('tab') ?? '';
  const { row } = page;
  const id = row.sortie_id;
  const { clock, range } = useMemo(() => begin(page, query), [id]);
  useKeys([
    { keys: '[', says: "The vehicle's sortie before", run: () => { if (page.previous) location.hash = sortieLink(page.previous); } },
    { keys: ']', says: "The vehicle's next sortie", run: () => { if (page.next) location.hash = sortieLink(page.next); } },
    ...TABS.map(([name, title], i) => ({ keys: String(i + 1), says: `Tab ${title}`, run: () => { location.hash = sortieLink(id, { tab: name }); } })),
  ], [id, page.previous, page.next]);
  return (
    <>
      <div class="page-head sortie-head">
        <div>
          <p class="crumbs"><a href={to(['campaign'])}>Campaign</a>{row.candidate && <> / <a href={to(['candidate', row.candidate])}>{row.candidate}</a></>} / <span title={row.vehicle}>{vehicleName(row.vehicle)}</span>{row.card && ` / card ${row.card}`}</p>
          <h1>
            <Outcome of={row.outcome} strong />
            {row.cause && <span class="because">: {plain(row.cause)}</span>}
          </h1>
          <p>
            {utc(row.start_utc)} · {duration(row.airborne_s)} in the air · {plain(row.vehicle_kind)}, {row.autopilot}{page.firmware ? ` ${page.firmware}` : ''} · {row.log_name}
            {page.log.is_simulated && ' · simulated'}
          </p>
          <p class="small">
            {row.is_reviewed
              ? <>A person's word counts; the program says {plain(row.judged)}{row.confidence !== null && ` (${percent(row.confidence)} sure)`}.</>
              : row.confidence !== null && <>Judged by the program, {percent(row.confidence)} sure.</>}
          </p>
        </div>
        <div class="actions no-print">
          {page.previous && <a class="button" href={sortieLink(page.previous)} title="The vehicle's sortie before ([)">← before</a>}
          {page.next && <a class="button" href={sortieLink(page.next)} title="The vehicle's next sortie (])">after →</a>}
          <a class="button" href={address('/api/sorties/{sortie}/raw', { sortie: id })} download={row.log_name}>Log file</a>
        </div>
      </div>
      <nav class="tabs" aria-label="Parts of the sortie">
        {TABS.map(([name, title]) => <a key={name} href={sortieLink(id, { tab: name })} aria-current={tab === name ? 'page' : undefined} ref={tab === name ? intoSight : null}>{title}</a>)}
      </nav>
      {tab === '' && <Flight page={page} clock={clock} range={range} />}
      {tab === 'raw' && <Raw page={page} clock={clock} range={range} />}
      {tab === 'parameters' && <Parameters page={page} />}
      {tab === 'messages' && <Messages page={page} />}
      {tab === 'receipt' && <ReceiptTab page={page} />}
      {tab === 'review' && <ReviewTab page={page} />}
    </>
  );
}

/** Clock and range as the address says, else at the cause, or at the start. */
function begin(page: Page, query: URLSearchParams): { clock: Clock; range: Range } {
  const number = (name: string): number | null => {
    const text = query.get(name);
    const value = text === null ? NaN : Number(text);
    return Number.isFinite(value) ? value : null;
  };
  const end = Math.max(page.end_s, page.start_s + 0.1);
  const clock = new Clock(number('t') ?? page.cause?.onset_s ?? page.start_s, page.start_s, end);
  const range = new Range(page.start_s, end);
  const [a, b] = [number('from'), number('to')];
  if (a !== null && b !== null && b > a) range.set(a, b);
  return { clock, range };
}
