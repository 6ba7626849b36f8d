// The fleet: which fault came with which vehicle, what is usual, and what is unlike its own kind.
import type { JSX } from 'preact';
import { type Schemas, get } from '../api/client';
import { useData } from '../api/data';
import { useQuery } from '../app/router';
import { sortieLink, to, useCampaign } from '../app/session';
import { useSettings } from '../app/settings';
import { Outcome } from '../ui/marks';
import { Empty, Failed, Loading } from '../ui/state';
import { plain, plural, vehicleName } from '../words/plain';
import { day, digits, percent, quantity } from '../words/units';

type Page = Schemas['FleetPage'];

export default function Fleet(): JSX.Element {
  const campaign = useCampaign();
  const [beyond, setBeyond] = useQuery('beyond', '5');
  const found = useData(`fleet/${campaign}/${beyond}`, (signal) => get('/api/fleet', { query: { campaign, beyond: Number(beyond) }, signal }));
  if (found.error) return <Failed page="Fleet" error={found.error} again={found.again} />;
  if (!found.data) return <Loading page="Fleet" what="the fleet" height={600} />;
  const page = found.data;
  return (
    <>
      <div class="page-head"><div><h1>Fleet</h1><p>{plural(page.vehicles.length, 'vehicle')} · {plural(page.kinds.length, 'kind')} of finding</p></div></div>
      {!page.vehicles.length && <Empty title="The store holds no sortie yet"><p><a href="#/upload">Bring logs</a></p></Empty>}
      {page.vehicles.length > 0 && <HeatMap page={page} />}
      <div class="pair">
        <Unlike page={page} beyond={beyond} setBeyond={setBeyond} />
        <Usual page={page} />
      </div>
      <Frequencies page={page} />
    </>
  );
}

function HeatMap({ page }: { page: Page }): JSX.Element {
  const cells = new Map(page.cells.map((c) => [`${c.vehicle}|${c.kind}`, c]));
  return (
    <section class="block" aria-labelledby="heat">
      <header><h2 id="heat">Findings by vehicle</h2><span class="note">number of sorties with the finding; shade: share of the vehicle's sorties; a bar below: some were critical</span></header>
      <div class="scroll heat" tabIndex={0} role="region" aria-label="Findings by vehicle">
        <table>
          <thead><tr><th scope="col">vehicle</th><th scope="col" class="num">sorties</th>{page.kinds.map((k) => <th key={k} scope="col" class="slant"><a href={to(['sorties'], { kind: k })}>{plain(k)}</a></th>)}</tr></thead>
          <tbody>
            {page.vehicles.map((v) => (
              <tr key={`${v.candidate}/${v.vehicle}`}>
                <th scope="row">{v.candidate && <span class="soft">{v.candidate} </span>}<span title={v.vehicle}>{vehicleName(v.vehicle)}</span></th>
                <td class="num">{v.sorties}</td>
                {page.kinds.map((k) => {
                  const c = cells.get(`${v.vehicle}|${k}`);
                  const share = c ? Math.min(1, c.sorties / Math.max(1, v.sorties)) : 0;
                  return (
                    <td key={k} class="cell">
                      {c && (
                        <a
                          href={to(['sorties'], { vehicle: v.vehicle, kind: k })} class={c.critical ? 'critical' : ''}
                          title={`${plain(k)}, ${vehicleName(v.vehicle)}: ${c.sorties} of ${v.sorties} sorties, ${c.critical} critical`}
                          style={{ background: `color-mix(in srgb, var(--vermillion) ${Math.round(10 + share * 45)}%, transparent)` }}
                        >{c.sorties}<span class="hidden-text"> {plain(k)}, {vehicleName(v.vehicle)}</span></a>
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Unlike({ page, beyond, setBeyond }: { page: Page; beyond: string; setBeyond: (b: string) => void }): JSX.Element {
  const { units } = useSettings();
  return (
    <section class="block" aria-labelledby="unlike">
      <header><h2 id="unlike">Unlike their own kind</h2>
        <label class="small">more than <select value={beyond} onChange={(e) => setBeyond(e.currentTarget.value)}>{['3', '5', '8', '12'].map((b) => <option key={b}>{b}</option>)}</select> spreads from usual</label></header>
      {!page.different.length ? <p class="soft">No sortie: with at least {page.least} sorties of a type needed to say what is usual.</p> : (
        <div class="scroll" tabIndex={0} role="region" aria-label="Unlike their own kind"><table class="t">
          <thead><tr><th>sortie</th><th>measure</th><th class="num">value</th><th class="num">usual</th><th class="num">spreads</th></tr></thead>
          <tbody>{page.different.slice(0, 60).map((d) => (
            <tr key={d.sortie_id + d.measure}>
              <td><a class="opens" href={sortieLink(d.sortie_id)}><Outcome of={d.outcome} /></a> <span class="soft" title={d.vehicle}>{vehicleName(d.vehicle)} {day(d.start_utc)}</span></td>
              <td>{d.title}</td><td class="num">{quantity(d.value, d.unit, units)}</td><td class="num">{quantity(d.usual, d.unit, units)}</td><td class="num">{digits(d.spreads)}</td>
            </tr>
          ))}</tbody>
        </table></div>
      )}
    </section>
  );
}

function Usual({ page }: { page: Page }): JSX.Element {
  const { units } = useSettings();
  return (
    <section class="block" aria-labelledby="usual">
      <header><h2 id="usual">What is usual</h2><span class="note">median and spread by type</span></header>
      <div class="scroll tall" tabIndex={0} role="region" aria-label="What is usual"><table class="t">
        <thead><tr><th>type</th><th>measure</th><th class="num">usual</th><th class="num">spread</th><th class="num">sorties</th></tr></thead>
        <tbody>{page.baselines.map((b) => (
          <tr key={b.type + b.measure} class={b.has_enough ? '' : 'soft'}>
            <td class="nowrap">{plain(b.type)}</td><td>{b.title}</td><td class="num">{quantity(b.usual, b.unit, units)}</td><td class="num">{quantity(b.spread, b.unit, units)}</td>
            <td class="num">{b.n}{!b.has_enough && <span title={`fewer than ${page.least}: no limit follows`}> (few)</span>}</td>
          </tr>
        ))}</tbody>
      </table></div>
    </section>
  );
}

function Frequencies({ page }: { page: Page }): JSX.Element | null {
  if (!page.frequencies.length) return null;
  return (
    <section class="block" aria-labelledby="often">
      <header><h2 id="often">How often</h2><span class="note">share of a type's sorties with the finding, with its interval</span></header>
      <div class="scroll tall" tabIndex={0} role="region" aria-label="How often"><table class="t">
        <thead><tr><th>type</th><th>finding</th><th class="num">share</th><th class="num">interval</th></tr></thead>
        <tbody>{page.frequencies.map((f) => (
          <tr key={f.type + f.kind}><td class="nowrap">{plain(f.type)}</td><td><a href={to(['sorties'], { kind: f.kind })}>{plain(f.kind)}</a></td><td class="num">{percent(f.share.value)}</td><td class="num">{percent(f.share.low)} – {percent(f.share.high)}</td></tr>
        ))}</tbody>
      </table></div>
    </section>
  );
}
