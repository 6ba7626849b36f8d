// Everything that the log holds, as its maker named it: find a field, see it, set it beside others.
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { type Schemas, address, get } from '../../api/client';
import { useData } from '../../api/data';
import type { Clock, Range } from '../../app/clock';
import { useQuery } from '../../app/router';
import { Empty, Failed, Loading } from '../../ui/state';
import { plural } from '../../words/plain';
import { count } from '../../words/units';
import type { Page } from './index';
import { Plots, formatAdded, parseAdded } from './plots';

type Topic = Schemas['Topic'];

const seriesOf = (t: Topic, field: string): string => (t.source === 'channel' ? `channel:${field}` : `topic:${t.name}/${t.instance}/${field}`);
const MOST_FIELDS = 400;

export function Raw({ page, clock, range }: { page: Page; clock: Clock; range: Range }): JSX.Element {
  const id = page.row.sortie_id;
  const found = useData(`topics/${id}`, (signal) => get('/api/sorties/{sortie}/topics', { path: { sortie: id }, signal }));
  const [text, setText] = useQuery('find');
  const [added, setAdded] = useQuery('plots');
  const [together, setTogether] = useQuery('together');
  const plots = parseAdded(added);
  const chosen = new Set(plots.flat());
  const matching = useMemo(() => search(found.data?.topics ?? [], text), [found.data, text]);
  const toggle = (series: string): void => {
    if (chosen.has(series)) setAdded(formatAdded(plots.map((p) => p.filter((s) => s !== series)).filter((p) => p.length)));
    else if (together && plots.length) setAdded(formatAdded([...plots.slice(0, -1), [...plots.at(-1)!, series]]));
    else setAdded(formatAdded([...plots, [series]]));
  };
  const fields = matching.reduce((n, m) => n + m.fields.length, 0);
  return (
    <div class="raw">
      <aside class="topics">
        <input data-search type="search" placeholder="Find a topic or field, e.g. bat volt" aria-label="Find a topic or field" value={text} onInput={(e) => setText(e.currentTarget.value)} />
        <div class="row small" style={{ margin: '6px 0' }}>
          <label class="check"><input type="checkbox" checked={together === '1'} onChange={(e) => setTogether(e.currentTarget.checked ? '1' : '')} />into the last plot</label>
          {chosen.size > 0 && <button type="button" class="plain" onClick={() => setAdded('')}>remove all {chosen.size}</button>}
        </div>
        {found.error ? <Failed error={found.error} again={found.again} /> : !found.data ? <Loading what="topics" height={300} /> : (
          <>
            <p class="note" role="status">{plural(matching.length, 'table')}, {plural(fields, 'field')}{text && ' found'}</p>
            <div class="topic-list" tabIndex={0} role="region" aria-label="Topics">
              {matching.map(({ topic, fields: some }, i) => (
                <details key={`${topic.source}${topic.name}/${topic.instance}`} open={!!text && i < 12}>
                  <summary><b>{topic.name}</b>{topic.instance > 0 && <span class="soft"> [{topic.instance}]</span>} <span class="soft small">{topic.source === 'channel' ? 'catalogue' : plural(topic.rows, 'row')}</span></summary>
                  <ul>
                    {some.slice(0, MOST_FIELDS).map((f) => {
                      const series = seriesOf(topic, f);
                      return (
                        <li key={f}>
                          <label class="check"><input type="checkbox" checked={chosen.has(series)} onChange={() => toggle(series)} /><span class="mono">{f}</span>
                            {topic.units[f] && <span class="soft small">{topic.units[f]}</span>}</label>
                        </li>
                      );
                    })}
                    {some.length > MOST_FIELDS && <li class="soft">and {count(some.length - MOST_FIELDS)} more: narrow the search</li>}
                  </ul>
                  {topic.source === 'topic' && <p class="small"><a href={address('/api/sorties/{sortie}/export', { sortie: id }, { to: 'csv', topic: [topic.name] })} download>Table as CSV</a></p>}
                </details>
              ))}
              {!matching.length && <p class="soft">No topic or field has “{text}” in its name.</p>}
            </div>
          </>
        )}
      </aside>
      <div class="raw-plots">
        {chosen.size
          ? <Plots page={page} clock={clock} range={range} onlyAdded />
          : <Empty title="Choose fields on the left"><p>Each becomes a plot on the sortie's clock, with findings and phases behind it. The address keeps them: a link shows the same plots to others.</p></Empty>}
      </div>
    </div>
  );
}

/** Topics whose name, or fields whose name, holds all words. */
function search(topics: readonly Topic[], text: string): { topic: Topic; fields: string[] }[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return topics.map((topic) => ({ topic, fields: topic.fields }));
  const found: { topic: Topic; fields: string[] }[] = [];
  for (const topic of topics) {
    const name = topic.name.toLowerCase();
    const rest = words.filter((w) => !name.includes(w));
    const fields = rest.length ? topic.fields.filter((f) => rest.every((w) => f.toLowerCase().includes(w))) : topic.fields;
    if (fields.length) found.push({ topic, fields });
  }
  return found;
}
