// A counter-drone trial: what is required and met, every sensor's scores with their intervals, where
// and when it saw the targets. The figures and words are those of `flyoff trial report`.
import type { JSX } from 'preact';
import { type Schemas, address, get } from '../api/client';
import { useData } from '../api/data';
import { useKeys } from '../app/keys';
import { change, go, useQuery } from '../app/router';
import { to, useSession } from '../app/session';
import { ChanceChart, CustodyChart, FalseMap, LatencyChart, SeenMap } from '../charts/trial-charts';
import { Verdict } from '../ui/marks';
import { Empty, Failed, Loading } from '../ui/state';
import { plain } from '../words/plain';

type Page = Schemas['TrialPage'];

export default function Trial({ rest }: { rest: string[] }): JSX.Element {
  const { trials } = useSession();
  const name = rest[0] ?? trials[0]?.id ?? '';
  const found = useData(name ? `trial/${name}` : null, (signal) => get('/api/trials/{trial}', { path: { trial: name }, signal }));
  if (!name) return <NoTrial />;
  if (found.error) return <><h1>{name}</h1><Failed error={found.error} again={found.again} /></>;
  if (!found.data) {
    return <><h1>{trials.find((t) => t.id === name)?.name ?? name}</h1><p class="soft">Scoring every sensor against the targets' logs; that takes some seconds once.</p><Loading what={name} height={500} /></>;
  }
  return <Shown page={found.data} />;
}

function NoTrial(): JSX.Element {
  return (
    <>
      <h1>Trial</h1>
      <Empty title="This server shows no counter-drone trial">
        <p>A trial is a folder with <code>trial.toml</code>: the sensors' files, the targets' logs, the rules.</p>
        <pre>flyoff trial init trial/{'\n'}flyoff trial check trial/{'\n'}flyoff serve --store STORE --trial trial/</pre>
      </Empty>
    </>
  );
}

function Shown({ page }: { page: Page }): JSX.Element {
  const { trials } = useSession();
  const [asked] = useQuery('sensor');
  const sensors = page.sensors.map((s) => s.sensor);
  const at = Math.max(0, sensors.indexOf(asked));
  const sensor = page.sensors[at];
  const turn = (by: number): void => change({ sensor: sensors[(at + by + sensors.length) % sensors.length], t: null });
  useKeys([
    { keys: 'j', says: 'The next sensor', run: () => turn(1) },
    { keys: 'k', says: 'The sensor before', run: () => turn(-1) },
  ], [page, at]);
  return (
    <>
      <div class="page-head"><div>
        <p class="crumbs">Counter-drone trial</p>
        <h1>{page.name}</h1>
        <p>{page.subtitle}</p>
      </div><div class="row no-print">
        {trials.length > 1 && (
          <select aria-label="Trial" value={page.id} onChange={(e) => go(['trial', e.currentTarget.value])}>
            {trials.map((t) => <option key={t.id} value={t.id}>{t.name}</option>)}
          </select>
        )}
        <a class="button" href={address('/api/trials/{trial}/scores', { trial: page.id })} download={`${page.id}-scores.json`}>Scores as JSON</a>
      </div></div>
      {page.warnings.map((w) => <p key={w} class="notice">{w}</p>)}
      <Requirements page={page} />
      <SideBySide page={page} />
      <section class="block" aria-labelledby="sensor">
        <header><h2 id="sensor">Sensor by sensor</h2></header>
        <div class="tabs" role="navigation" aria-label="Sensors">
          {sensors.map((s, i) => <a key={s} href={to(['trial', page.id], { sensor: s })} aria-current={i === at ? 'page' : undefined}>{s}</a>)}
        </div>
        {sensor ? <Sensor key={sensor.sensor} sensor={sensor} /> : <p class="soft">The trial file names no sensor.</p>}
      </section>
      {page.between.map((t) => <Block key={t.title} table={t} />)}
      <Block table={page.rules} note="policy, not physics: another choice gives other figures" />
    </>
  );
}

function Requirements({ page }: { page: Page }): JSX.Element {
  return (
    <section class="block" aria-labelledby="required">
      <header><h2 id="required">Requirements</h2></header>
      {!page.requirements.length && <Empty title="Nothing is required"><p>Requirements stand in <code>trial.toml</code>, written before the trial.</p></Empty>}
      {page.requirements.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label="Requirements"><table class="t required">
          <thead><tr><th>requirement</th><th>sensor</th><th>verdict</th><th class="num">estimate</th><th>interval that decides</th><th>because</th></tr></thead>
          <tbody>{page.requirements.map((r) => (
            <tr key={r.requirement + r.sensor}>
              <td><b>{r.requirement}</b> <span class="soft">{plain(r.says)}</span></td>
              <td class="nowrap"><a href={to(['trial', page.id], { sensor: r.sensor })}>{r.sensor}</a></td>
              <td><Verdict of={r.verdict} /></td><td class="num">{r.value}</td><td class="nowrap">{r.interval}</td><td>{r.because}</td>
            </tr>
          ))}</tbody>
        </table></div>
      )}
    </section>
  );
}

/** One line a score, one column a sensor: what a buyer compares. */
function SideBySide({ page }: { page: Page }): JSX.Element | null {
  const scored = page.sensors.filter((s) => s.scores);
  const left = page.sensors.filter((s) => !s.scores);
  const names = [...new Set(scored.flatMap((s) => s.scores!.rows.map((r) => r[0]!)))];
  const level = scored[0]?.scores?.head[2];
  return (
    <section class="block" aria-labelledby="scores">
      <header><h2 id="scores">Scores, sensor beside sensor</h2>{level && <span class="note">{level.toLowerCase()} in grey</span>}</header>
      {left.map((s) => <p key={s.sensor} class="notice"><b>{s.sensor} is not scored:</b> {s.because}</p>)}
      {scored.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label="Scores"><table class="t scores">
          <thead><tr><th>score</th>{scored.map((s) => <th key={s.sensor}>{s.sensor}</th>)}</tr></thead>
          <tbody>{names.map((name) => (
            <tr key={name}><td>{name}</td>{scored.map((s) => {
              const row = s.scores!.rows.find((r) => r[0] === name);
              return <td key={s.sensor} title={row?.[3] || undefined}>{row ? <>{row[1]} <small class="soft">{row[2]}</small></> : '–'}</td>;
            })}</tr>
          ))}</tbody>
        </table></div>
      )}
      {scored.length > 0 && <p class="note">The method of each interval stands in its tool tip, and in the table of each sensor's report.</p>}
    </section>
  );
}

function Sensor({ sensor: s }: { sensor: Schemas['TrialSensor'] }): JSX.Element {
  const d = s.drawing;
  return (
    <>
      <p class="soft">{s.facts}</p>
      {s.suspected.map((text) => <p key={text} class="notice bad"><b>Suspected:</b> {text}</p>)}
      {s.notes.map((text) => <p key={text} class="note">{text}</p>)}
      {!s.is_scored && <Empty title="Not scored"><p>{s.because}</p></Empty>}
      {d && (
        <div class="pair">
          <Part title="Where targets were seen"><SeenMap drawing={d} sensor={s.sensor} /></Part>
          <Part title="Chance to be seen against range">
            {s.chance ? <ChanceChart chance={s.chance} /> : <p class="soft">Not known: too few scans were missed, or seen, to tell.</p>}
          </Part>
        </div>
      )}
      {d && d.passes.length > 0 && <Part title="Detections against truth: custody of each target"><CustodyChart drawing={d} /></Part>}
      {d && (
        <div class="pair">
          <Part title="Where false tracks began">
            {d.false_starts.length ? <FalseMap drawing={d} sensor={s.sensor} /> : <p class="soft">None began in target-free time.</p>}
          </Part>
          <Part title="How late reports came">{d.latency ? <LatencyChart latency={d.latency} /> : <p class="soft">Its files do not tell when a report arrived.</p>}</Part>
        </div>
      )}
      {s.tables.map((t) => <Block key={t.title} table={t} />)}
    </>
  );
}

function Part({ title, children }: { title: string; children: JSX.Element | JSX.Element[] }): JSX.Element {
  return <div class="part"><h3>{title}</h3>{children}</div>;
}

function Block({ table, note }: { table: Schemas['WordedTable']; note?: string }): JSX.Element {
  return (
    <section class="block" aria-label={table.title}>
      <header><h2>{table.title}</h2>{note && <span class="note">{note}</span>}</header>
      <div class="scroll" tabIndex={0} role="region" aria-label={table.title}><table class="t fit">
        <thead><tr>{table.head.map((h, i) => <th key={h + i}>{h || <span class="hidden-text">what</span>}</th>)}</tr></thead>
        <tbody>{table.rows.map((row, n) => <tr key={n}>{row.map((cell, i) => <td key={i}>{cell}</td>)}</tr>)}</tbody>
      </table></div>
    </section>
  );
}
