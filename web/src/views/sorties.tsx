// Every sortie in one table: filters stand in the address, sketches come for the rows in sight.
import type { JSX } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type Schemas, get } from '../api/client';
import { refresh, useData } from '../api/data';
import { useRows } from '../api/rows';
import { useKeys } from '../app/keys';
import { change, useRoute } from '../app/router';
import { sortieLink, to, useCampaign, useSession } from '../app/session';
import { useSettings } from '../app/settings';
import { Sparkline, Thumbnail } from '../charts/sketch';
import { type Column, Grid } from '../ui/grid';
import { OUTCOMES, Outcome } from '../ui/marks';
import { Empty, Failed, Loading } from '../ui/state';
import { plain, vehicleName } from '../words/plain';
import { count, duration, percent, quantity } from '../words/units';

type Row = Schemas['SortieRow'];
type Sketch = Schemas['Sketch'];
const PAGE = 200;
const FILTERS = ['candidate', 'vehicle', 'outcome', 'cause', 'kind', 'text'] as const;
const ALL_FILTERS = [...FILTERS, 'day'] as const;
const MOST_COMPARED = 8;

export default function Sorties(): JSX.Element {
  const { query } = useRoute();
  const campaign = useCampaign();
  const sort = query.get('sort') ?? '-start_utc';
  const wanted = useMemo(() => filters(query), [query.toString()]);
  const key = JSON.stringify([campaign, sort, wanted]);
  const asked = { campaign, ...wanted, sort: sort.replace('-', ''), order: sort.startsWith('-') ? 'descending' : 'ascending', limit: PAGE };
  const { row, total, error, ask } = useRows<Row>(key, PAGE, (offset) => get('/api/sorties', { query: { ...asked, offset } as never }));
  const choices = useData(`filters/${campaign}`, (signal) => get('/api/sorties/filters', { query: { campaign }, signal }));
  const { sketch, want } = useSketches();
  const selected = useMemo(() => new Set((query.get('ids') ?? '').split(',').filter(Boolean)), [query.get('ids')]);
  const select = useCallback((r: Row) => {
    const next = new Set(selected);
    if (!next.delete(r.sortie_id) && next.size < MOST_COMPARED) next.add(r.sortie_id);
    change({ ids: [...next].join(',') });
  }, [selected]);
  const compare = (): void => { if (selected.size > 1) location.hash = to(['compare'], { ids: [...selected].join(',') }); };
  useKeys([
    { keys: 'x', says: 'Compare what is selected', run: compare },
    { keys: 'Escape', says: 'Select nothing', run: () => change({ ids: null }) },
  ], [selected]);
  const onView = useCallback((from: number, until: number) => {
    ask(from, until);
    const ids: string[] = [];
    for (let i = from; i < until; i += 1) {
      const r = row(i);
      if (r) ids.push(r.sortie_id);
    }
    want(ids);
  }, [ask, row, want]);
  const columns = useColumns(selected, select, sketch);
  return (
    <>
      <div class="page-head">
        <div><h1>Sorties</h1><p role="status">{total === null ? '…' : `${count(total)} of ${choices.data ? count(choices.data.total) : '…'}`}{selected.size > 0 && ` · ${selected.size} selected`}</p></div>
        <div class="actions">
          {selected.size > 0 && <button type="button" onClick={() => change({ ids: null })}>Select none</button>}
          <button type="button" class="primary" disabled={selected.size < 2} onClick={compare}>Compare {selected.size > 1 ? selected.size : ''}</button>
        </div>
      </div>
      <Filters choices={choices.data} query={query} />
      {error !== undefined && <Failed error={error} again={refresh} />}
      {total === null ? error === undefined && <Loading what="sorties" height={500} />
        : total === 0 ? <Nothing isFiltered={Object.keys(wanted).length > 0} />
        : (
          <Grid
            label="Sorties" columns={columns} total={total} row={row} keyOf={(r) => r.sortie_id} onView={onView} selected={selected}
            onOpen={(r) => { location.hash = sortieLink(r.sortie_id); }} onSelect={select} sort={sort} onSort={(s) => change({ sort: s })}
            height="calc(100vh - 236px)" rowHeight={40} resetKey={key}
          />
        )}
      <p class="note no-print">Click or <kbd>Enter</kbd> opens; tick or <kbd>space</kbd> selects up to {MOST_COMPARED} to compare.</p>
    </>
  );
}

function Nothing({ isFiltered }: { isFiltered: boolean }): JSX.Element {
  return isFiltered
    ? <Empty title="No sortie fits these filters"><p><a href={to(['sorties'])}>Show all sorties</a></p></Empty>
    : <Empty title="The store holds no sortie yet"><p>Bring logs with <a href="#/upload">Upload</a>, or on this machine:</p><pre>flyoff ingest sdcards/ --store store/</pre></Empty>;
}

/** Several values of one filter stand in the address with commas between them. */
function filters(query: URLSearchParams): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = {};
  for (const name of FILTERS) {
    const text = query.get(name);
    if (text) found[name] = name === 'text' ? text : text.split(',');
  }
  const day = query.get('day') ?? '';
  if (/^\d{4}-\d\d-\d\d$/.test(day)) return { ...found, since: day, until: new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10) };
  return found;
}

/** What a phone in the field shows before it is scrolled sideways. */
const FIRST = ['pick', 'outcome', 'cause', 'airborne_s'];
const NARROW = matchMedia('(max-width: 700px)');

function useNarrow(): boolean {
  const [is, set] = useState(NARROW.matches);
  useEffect(() => {
    const look = (): void => set(NARROW.matches);
    NARROW.addEventListener('change', look);
    return () => NARROW.removeEventListener('change', look);
  }, []);
  return is;
}

function useColumns(selected: ReadonlySet<string>, select: (r: Row) => void, sketch: (id: string) => Sketch | undefined): Column<Row>[] {
  const { units } = useSettings();
  const { campaigns } = useSession();
  const isNarrow = useNarrow();
  const all = useMemo((): Column<Row>[] => [
    {
      id: 'pick', title: '', width: '34px', cell: (r) => (
        <input type="checkbox" tabIndex={-1} aria-label={`Select ${r.log_name}`} checked={selected.has(r.sortie_id)} disabled={!selected.has(r.sortie_id) && selected.size >= MOST_COMPARED} onChange={() => select(r)} />
      ),
    },
    { id: 'start_utc', title: 'start, UTC', width: '134px', sortable: true, cell: (r) => (r.start_utc ? r.start_utc.slice(0, 16).replace('T', ' ') : <span class="soft">no time</span>) },
    ...(campaigns.length ? [{ id: 'candidate', title: 'candidate', width: '92px', sortable: true, cell: (r: Row) => r.candidate || <span class="soft">–</span> }] : []),
    { id: 'vehicle', title: 'vehicle', width: campaigns.length ? '104px' : '180px', sortable: true, cell: (r) => <span class={r.vehicle && r.vehicle !== 'unknown' ? 'ellipsis' : 'soft'} title={r.vehicle}>{vehicleName(r.vehicle)}</span> },
    { id: 'outcome', title: 'outcome', width: '164px', sortable: true, cell: (r) => <a tabIndex={-1} class="opens" href={sortieLink(r.sortie_id)}><Outcome of={r.outcome} /></a> },
    { id: 'confidence', title: 'sure', width: '58px', num: true, sortable: true, cell: (r) => (r.is_reviewed ? <span title="reviewed by a person">✎</span> : percent(r.confidence)) },
    { id: 'cause', title: 'cause', width: '164px', sortable: true, cell: (r) => (r.cause ? <span class="ellipsis" title={plain(r.cause)}>{plain(r.cause)}</span> : '') },
    { id: 'sketch', title: 'height', width: '96px', cell: (r) => <Sparkline of={sketch(r.sortie_id)} /> },
    { id: 'track', title: 'track', width: '52px', cell: (r) => <Thumbnail of={sketch(r.sortie_id)} /> },
    { id: 'airborne_s', title: 'in the air', width: '88px', num: true, sortable: true, cell: (r) => duration(r.airborne_s) },
    { id: 'max_height_m', title: 'top', width: '66px', num: true, sortable: true, cell: (r) => quantity(r.max_height_m, 'm', units) },
    { id: 'distance_m', title: 'flown', width: '70px', num: true, sortable: true, cell: (r) => quantity(r.distance_m, 'm', units) },
    { id: 'says', title: 'what decided', width: 'minmax(150px, 1fr)', cell: (r) => <span class="ellipsis" title={r.says}>{r.says}</span> },
  ], [selected, select, sketch, units, campaigns.length]);
  return useMemo(() => {
    const place = (c: Column<Row>): number => (FIRST.includes(c.id) ? FIRST.indexOf(c.id) : FIRST.length);
    return isNarrow ? [...all].sort((a, b) => place(a) - place(b)) : all;
  }, [all, isNarrow]);
}

/** Sketches by sortie; asked for once the scrolling rests, since nobody sees them before. */
function useSketches(): { sketch: (id: string) => Sketch | undefined; want: (ids: string[]) => void } {
  const held = useRef(new Map<string, Sketch | null>());
  const [n, redraw] = useState(0);
  const timer = useRef(0);
  const want = useCallback((ids: string[]) => {
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => {
      const missing = ids.filter((id) => !held.current.has(id)).slice(0, 100);
      if (!missing.length) return;
      for (const id of missing) held.current.set(id, null);
      get('/api/sorties/sketches', { query: { id: missing } }).then((answer) => {
        for (const s of answer.sketches) held.current.set(s.sortie_id, s);
        redraw((x) => x + 1);
      }, () => { for (const id of missing) held.current.delete(id); });
    }, 140);
  }, []);
  const sketch = useCallback((id: string) => held.current.get(id) ?? undefined, [n]);
  return { sketch, want };
}

function Filters({ choices, query }: { choices: Schemas['SortieFilters'] | undefined; query: URLSearchParams }): JSX.Element {
  const [text, setText] = useState(query.get('text') ?? '');
  useEffect(() => setText(query.get('text') ?? ''), [query.get('text')]);
  const timer = useRef(0);
  const type = (value: string): void => {
    setText(value);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => change({ text: value }), 250);
  };
  const order: readonly string[] = OUTCOMES;
  const outcome = [...(choices?.outcome ?? [])].sort((a, b) => order.indexOf(a.value) - order.indexOf(b.value));
  const isFiltered = ALL_FILTERS.some((f) => query.get(f));
  return (
    <div class="filters" role="search">
      <label>Find <input data-search type="search" placeholder="id, vehicle, card, log" value={text} onInput={(e) => type(e.currentTarget.value)} /></label>
      <Choice name="candidate" choices={choices?.candidate ?? []} query={query} words={(w) => w || 'of no candidate'} />
      <Choice name="vehicle" choices={choices?.vehicle ?? []} query={query} words={vehicleName} />
      <Choice name="outcome" choices={outcome} query={query} words={plain} />
      <Choice name="cause" choices={choices?.cause ?? []} query={query} words={(w) => plain(w) || 'none'} />
      <Choice name="day" choices={choices?.day ?? []} query={query} words={(w) => w} />
      {query.get('kind') && <span class="chip">with {plain(query.get('kind'))} <button type="button" class="plain small" onClick={() => change({ kind: null })} aria-label="Drop this filter">×</button></span>}
      {isFiltered && <button type="button" class="plain" onClick={() => change(Object.fromEntries(ALL_FILTERS.map((f) => [f, null])))}>Clear filters</button>}
    </div>
  );
}

function Choice({ name, choices, query, words }: { name: string; choices: Schemas['Choice'][]; query: URLSearchParams; words: (w: string) => string }): JSX.Element | null {
  const value = query.get(name) ?? '';
  if (choices.length < 2 && !value) return null;
  const isMany = value.includes(',');
  return (
    <label class={value ? 'is-set' : undefined}>
      {name} <select value={value} onChange={(e) => change({ [name]: e.currentTarget.value })}>
        <option value="">all</option>
        {isMany && <option value={value}>{value.split(',').length} kinds</option>}
        {!isMany && value && !choices.some((c) => c.value === value) && <option value={value}>{words(value)} (0)</option>}
        {choices.slice(0, 1000).filter((c) => c.value).map((c) => <option key={c.value} value={c.value}>{`${words(c.value)} (${c.count})`}</option>)}
      </select>
    </label>
  );
}
