// The cards of the campaign, edited in the table and written back to `cards.csv`: all cells or none.
import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Problem, type Schemas, getTagged, patch } from '../api/client';
import { refresh, useData } from '../api/data';
import { useQuery } from '../app/router';
import { useCampaign, useMay, useSession } from '../app/session';
import { type Column, Grid } from '../ui/grid';
import { Empty, Failed, Loading } from '../ui/state';
import { plain, plural } from '../words/plain';

type Cards = Schemas['Cards'];
interface Row {
  line: number;
  values: Record<string, string>;
  isNew: boolean;
}

export default function CardsView(): JSX.Element {
  const campaign = useCampaign();
  const { campaigns } = useSession();
  const found = useData(campaign ? `cards/${campaign}` : null, (signal) => getTagged('/api/campaigns/{campaign}/cards', { path: { campaign }, signal }));
  if (!campaigns.length) return <Empty page="Cards" title="Cards belong to a campaign"><p>Name one when serving: <code>flyoff serve --store store/ --campaign my-flyoff/</code></p></Empty>;
  if (found.error) return <Failed page="Cards" error={found.error} again={found.again} />;
  if (!found.data) return <Loading page="Cards" what="cards" height={500} />;
  return <Table campaign={campaign} cards={found.data.data} etag={found.data.etag ?? ''} />;
}

function Table({ campaign, cards, etag }: { campaign: string; cards: Cards; etag: string }): JSX.Element {
  const may = useMay('analyst') && cards.is_writable;
  const [changes, setChanges] = useState<Map<string, string>>(new Map());
  const [added, setAdded] = useState<Record<string, string>[]>([]);
  const [text, setText] = useQuery('find');
  const [state, setState] = useState<{ busy?: boolean; failed?: unknown; said?: string }>({});
  // the table that the changes were made on: a newer one from another person must not be overwritten unseen
  const [base, setBase] = useState(etag);
  const dirty = changes.size + added.length;
  useEffect(() => { if (!dirty) setBase(etag); }, [etag, dirty]);
  useEffect(() => {
    if (!dirty) return;
    const warn = (e: BeforeUnloadEvent): void => e.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [dirty > 0]);
  const rows = useMemo(() => {
    const all: Row[] = [...added.map((values, i): Row => ({ line: -1 - i, values, isNew: true })), ...cards.rows.map((r): Row => ({ ...r, isNew: false }))];
    const wanted = text.toLowerCase();
    return wanted ? all.filter((r) => r.isNew || Object.values(r.values).some((v) => v.toLowerCase().includes(wanted))) : all;
  }, [cards, added, text]);
  const valueOf = (r: Row, column: string): string => changes.get(`${r.line}|${column}`) ?? r.values[column] ?? '';
  const edit = (r: Row, column: string, value: string): void => {
    if (r.isNew) setAdded((a) => a.map((v, i) => (-1 - i === r.line ? { ...v, [column]: value } : v)));
    else {
      setChanges((c) => {
        const next = new Map(c);
        if (value === (r.values[column] ?? '')) next.delete(`${r.line}|${column}`);
        else next.set(`${r.line}|${column}`, value);
        return next;
      });
    }
  };
  const save = async (): Promise<void> => {
    setState({ busy: true });
    try {
      await patch('/api/campaigns/{campaign}/cards', {
        path: { campaign }, headers: { 'If-Match': base },
        body: { changes: [...changes].map(([at, value]) => ({ line: Number(at.split('|')[0]), column: at.split('|')[1]!, value })), added: added.map(filled) },
      });
      setState({ said: `${plural(dirty, 'change')} written to cards.csv.` });
      setChanges(new Map());
      setAdded([]);
      refresh();
    } catch (failed) {
      const isOther = failed instanceof Problem && failed.status === 412;
      setState({ failed: isOther ? new Problem(409, 'cards.csv was changed by somebody else meanwhile', 'Your changes are still here and marked. Look at the table, then save again to write them onto the newer file.') : failed });
      if (isOther) {
        refresh();
        const newer = await getTagged('/api/campaigns/{campaign}/cards', { path: { campaign } }).catch(() => null);
        if (newer?.etag) setBase(newer.etag);
      }
    }
  };
  const wide = (c: string): string => ({ log: '260px', plan: '240px', notes: 'minmax(200px, 1fr)', disposition_because: '200px', conditions: '140px' }[c] ?? '124px');
  const columns: Column<Row>[] = [
    { id: 'line', title: 'line', width: '56px', num: true, cell: (r) => (r.isNew ? 'new' : <>{r.line}{cards.problems.some((p) => p.line === r.line) && <b class="s-critical" title={cards.problems.filter((p) => p.line === r.line).map((p) => p.text).join('\n')}> !</b>}</>) },
    ...cards.columns.map((c): Column<Row> => ({
      id: c, title: plain(c), width: wide(c),
      cell: (r) => (may ? <Cell column={c} row={r} value={valueOf(r, c)} choices={cards.choices[c]} isChanged={r.isNew || changes.has(`${r.line}|${c}`)} edit={edit} /> : r.values[c] ?? ''),
    })),
  ];
  return (
    <>
      <div class="page-head">
        <div><h1>Cards</h1><p>{plural(cards.rows.length, 'card')} of <code>cards.csv</code>, as they stand in the file{may ? '; edit in place' : cards.is_writable ? '; your role may read' : '; the folder is read only here'}</p></div>
        <div class="actions">
          {may && <button type="button" onClick={() => setAdded((a) => [{}, ...a])}>Add a card</button>}
          {dirty > 0 && <button type="button" onClick={() => { setChanges(new Map()); setAdded([]); setState({}); }}>Discard</button>}
          {may && <button type="button" class="primary" disabled={!dirty || state.busy} onClick={() => void save()}>Save {dirty ? plural(dirty, 'change') : ''}</button>}
        </div>
      </div>
      <div class="filters">
        <label>Find <input data-search type="search" value={text} onInput={(e) => setText(e.currentTarget.value)} /></label>
        <span class="note" role="status">{state.said ?? (text ? `${plural(rows.length, 'card')} found` : '')}</span>
      </div>
      {state.failed !== undefined && <Failed error={state.failed} />}
      {state.failed instanceof Problem && state.failed.errors.length > 0 && <ul class="s-critical">{state.failed.errors.map((e) => <li key={e}>{e}</li>)}</ul>}
      {cards.problems.length > 0 && (
        <details class="notice bad" open={cards.problems.some((p) => p.gravity === 'error')}>
          <summary>{plural(cards.problems.length, 'problem')} in the campaign's folder</summary>
          <ul>{cards.problems.slice(0, 60).map((p, i) => <li key={i}><b>{p.gravity}</b> {p.file}{p.line > 0 && ` line ${p.line}`}: {p.text}</li>)}</ul>
        </details>
      )}
      {!rows.length && !text ? <Empty title="No card yet"><p>A card says what was planned, who flew and what the test director wrote down. A card without a log counts, too: a failed launch often leaves none.</p></Empty>
        : <Grid label="Cards" columns={columns} total={rows.length} row={(i) => rows[i]} keyOf={(r) => String(r.line)} rowHeight={34} height="calc(100vh - 250px)" resetKey={text} />}
    </>
  );
}

const filled = (values: Record<string, string>): Record<string, string> => Object.fromEntries(Object.entries(values).filter(([, v]) => v !== ''));

interface CellProps {
  column: string;
  row: Row;
  value: string;
  choices: string[] | undefined;
  isChanged: boolean;
  edit: (r: Row, column: string, value: string) => void;
}

function Cell({ column, row, value, choices, isChanged, edit }: CellProps): JSX.Element {
  const label = `${plain(column)}, ${row.isNew ? 'new card' : row.values.card || `line ${row.line}`}`;
  const shared = { 'aria-label': label, class: `cell-input${isChanged ? ' is-changed' : ''}`, value } as const;
  if (choices) {
    const all = choices.includes(value) || !value ? choices : [value, ...choices];
    return (
      <select {...shared} onChange={(e) => edit(row, column, e.currentTarget.value)}>
        {!all.includes('') && <option value="" />}
        {all.map((c) => <option key={c} value={c}>{plain(c)}</option>)}
      </select>
    );
  }
  return <input {...shared} type="text" onInput={(e) => edit(row, column, e.currentTarget.value)} />;
}
