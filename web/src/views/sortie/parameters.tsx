// Parameters at the start of the log, beside those of another sortie.
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { get } from '../../api/client';
import { useData } from '../../api/data';
import { useQuery } from '../../app/router';
import { useCampaign } from '../../app/session';
import { type Column, Grid } from '../../ui/grid';
import { Empty, Failed, Loading } from '../../ui/state';
import { plain, plural } from '../../words/plain';
import { clock, day } from '../../words/units';
import type { Page } from './index';

interface Row {
  name: string;
  value: number | null;
  other: number | null;
  is_different: boolean;
}

/** A parameter as it stands in the log: float32 widened to float64 has digits that nobody wrote. */
export const parameter = (v: number | null): string => (v === null ? '–' : String(Number(Math.fround(v).toPrecision(7))));

export function Parameters({ page }: { page: Page }): JSX.Element {
  const id = page.row.sortie_id;
  const campaign = useCampaign();
  const [text, setText] = useQuery('find');
  const [against, setAgainst] = useQuery('against');
  const [only, setOnly] = useQuery('different', against ? '1' : '');
  const found = useData(`parameters/${id}/${against}`, (signal) => get('/api/sorties/{sortie}/parameters', { path: { sortie: id }, query: { against }, signal }));
  const others = useData(`others/${campaign}/${page.row.vehicle_kind}`, (signal) => get('/api/sorties', { query: { campaign, limit: 200 }, signal }));
  const rows = useMemo(() => {
    const wanted = text.toLowerCase();
    return (found.data?.parameters ?? []).filter((p) => (!wanted || p.name.toLowerCase().includes(wanted)) && (!only || !against || p.is_different));
  }, [found.data, text, only, against]);
  const columns: Column<Row>[] = [
    { id: 'name', title: 'parameter', width: 'minmax(180px, 320px)', cell: (r) => <code>{r.name}</code> },
    { id: 'value', title: 'this sortie', width: '150px', num: true, cell: (r) => parameter(r.value) },
    ...(against ? [
      { id: 'other', title: 'the other', width: '150px', num: true, cell: (r: Row) => parameter(r.other) },
      { id: 'sign', title: '', width: '120px', cell: (r: Row) => (r.is_different ? <b>≠ different</b> : <span class="soft">same</span>) },
    ] : []),
  ];
  return (
    <>
      <div class="filters">
        <label>Find <input data-search type="search" value={text} onInput={(e) => setText(e.currentTarget.value)} placeholder="e.g. FAILSAFE" /></label>
        <label>Compare with <select value={against} onChange={(e) => setAgainst(e.currentTarget.value)}>
          <option value="">nothing</option>
          {(others.data?.rows ?? []).filter((r) => r.sortie_id !== id).map((r) => (
            <option key={r.sortie_id} value={r.sortie_id}>{`${r.candidate || r.vehicle_kind} ${r.vehicle} ${day(r.start_utc)} ${plain(r.outcome)}`}</option>
          ))}
        </select></label>
        {against && <label class="check"><input type="checkbox" checked={only === '1'} onChange={(e) => setOnly(e.currentTarget.checked ? '1' : '')} />only what differs</label>}
        <span class="note" role="status">{found.data && `${plural(rows.length, 'parameter')}${against ? `; ${found.data.different} differ` : ''}`}</span>
      </div>
      {found.error ? <Failed error={found.error} again={found.again} /> : !found.data ? <Loading what="parameters" height={400} />
        : !found.data.parameters.length ? <Empty title="The log holds no parameters"><p>Some autopilots and settings do not write them. The receipt says what was read.</p></Empty>
        : <Grid label="Parameters" columns={columns} total={rows.length} row={(i) => rows[i]} keyOf={(r) => r.name} rowHeight={28} maxWidth={against ? 760 : 520} height="min(640px, 70vh)" resetKey={text + against + only} />}
      {!!found.data?.changes.length && (
        <section class="block" style={{ marginTop: '24px' }}>
          <header><h2>Changed while logging</h2></header>
          <ul>{found.data.changes.slice(0, 200).map((c, i) => <li key={i}>{clock(c.t_s)} <code>{c.name}</code> → {parameter(c.value)}</li>)}</ul>
        </section>
      )}
    </>
  );
}
