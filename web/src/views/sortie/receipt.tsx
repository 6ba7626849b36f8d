// The account of every byte, and everything that can be taken away.
import type { JSX } from 'preact';
import { address, get } from '../../api/client';
import { useData } from '../../api/data';
import { Failed, Loading } from '../../ui/state';
import { plural } from '../../words/plain';
import { bytes, clock, count } from '../../words/units';
import type { Page } from './index';

export function ReceiptTab({ page }: { page: Page }): JSX.Element {
  const id = page.row.sortie_id;
  const { log } = page;
  const found = useData(`receipt/${id}`, (signal) => get('/api/sorties/{sortie}/receipt', { path: { sortie: id }, signal }));
  const r = found.data;
  return (
    <div class="columns even">
      <section class="block" aria-labelledby="receipt">
        <header><h2 id="receipt">Receipt</h2><span class="note">{log.name}, {log.format}</span></header>
        {found.error ? <Failed error={found.error} again={found.again} /> : !r ? <Loading what="the receipt" height={240} /> : (
          <>
            <dl class="figures">
              <div><dt>size</dt><dd>{bytes(r.bytes)} <small>{count(r.bytes)} bytes</small></dd></div>
              <div><dt>decoded</dt><dd>{r.bytes ? ((100 * r.decoded_bytes) / r.bytes).toFixed(r.skipped_bytes ? 3 : 0) : 100} % <small>{count(r.decoded_bytes)}</small></dd></div>
              <div><dt>skipped</dt><dd>{count(r.skipped_bytes)} <small>bytes</small></dd></div>
              <div><dt>status</dt><dd>{r.status}</dd></div>
            </dl>
            <ByteBar size={r.bytes} gaps={r.gaps} />
            <ul>
              <li>{plural(r.messages, 'message')}, {plural(r.boots, 'boot')}{r.resyncs > 0 && `, ${plural(r.resyncs, 'time')} found the way again after damage`}</li>
              {r.clock && <li>Clock: {r.clock}</li>}
              {Object.entries(r.unknown_ids).map(([k, n]) => <li key={k}>{plural(n, 'message')} of unknown id {k}</li>)}
              {r.dropouts.length > 0 && <li>{plural(r.dropouts.length, 'drop-out')} that the logger itself reported, the longest {clock(Math.max(...r.dropouts.map((d) => d.duration_s)))}</li>}
              {r.notes.map((n) => <li key={n}>{n}</li>)}
              {log.warnings.map((n) => <li key={n}>{n}</li>)}
              {log.notes.map((n) => <li key={n}>{n}</li>)}
            </ul>
            {r.gaps.length > 0
              ? (
                <div class="scroll" tabIndex={0} role="region" aria-label="Gaps">
                  <table class="t"><thead><tr><th class="num">offset</th><th class="num">bytes</th><th>why it was skipped</th></tr></thead>
                    <tbody>{r.gaps.slice(0, 300).map((g, i) => <tr key={i}><td class="num">{count(g.offset)}</td><td class="num">{count(g.bytes)}</td><td>{g.reason}</td></tr>)}</tbody></table>
                  {(r.gaps_omitted > 0 || r.gaps.length > 300) && <p class="note">and {r.gaps_omitted + Math.max(0, r.gaps.length - 300)} more</p>}
                </div>
              )
              : <p class="soft">No gap: every byte was decoded.</p>}
          </>
        )}
      </section>
      <section class="block" aria-labelledby="files">
        <header><h2 id="files">To take away</h2></header>
        <ul class="downloads">
          <li><a href={address('/api/sorties/{sortie}/raw', { sortie: id })} download={log.name}>The log as it was received</a> <span class="soft">{bytes(log.bytes)}</span></li>
          {([['parquet', 'All channels as Parquet'], ['csv', 'All channels as CSV'], ['geojson', 'Track as GeoJSON'], ['kml', 'Track as KML'], ['gpx', 'Track as GPX']] as const).map(([to, says]) => (
            <li key={to}><a href={address('/api/sorties/{sortie}/export', { sortie: id }, { to })} download>{says}</a></li>
          ))}
          <li><a href={address('/api/sorties/{sortie}', { sortie: id })} download={`${id}.json`}>Everything concluded, as JSON</a></li>
        </ul>
        <h3>Identity</h3>
        <dl class="ids">
          <dt>SHA-256 of the log</dt><dd class="mono">{log.sha256}</dd>
          <dt>Sortie</dt><dd class="mono">{id}</dd>
          {log.plan && <><dt>Planned mission</dt><dd>{log.plan}</dd></>}
          {page.rules_version && <><dt>Rules that judged</dt><dd class="mono">{page.rules_version}</dd></>}
        </dl>
      </section>
    </div>
  );
}

/** The file as a bar: what was skipped stands out where it lies. */
function ByteBar({ size, gaps }: { size: number; gaps: { offset: number; bytes: number; reason: string }[] }): JSX.Element {
  return (
    <svg class="byte-bar" width="100%" height="18" role="img" aria-label={`${gaps.length} gaps over the file`}>
      <rect width="100%" height="18" rx="3" fill="var(--green)" opacity="0.35" />
      {gaps.slice(0, 2000).map((g, i) => (
        <rect key={i} x={`${(g.offset / size) * 100}%`} width={`max(2px, ${(g.bytes / size) * 100}%)`} height="18" fill="var(--vermillion)"><title>{g.reason}</title></rect>
      ))}
    </svg>
  );
}
