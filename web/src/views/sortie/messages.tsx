import type { JSX } from 'preact';
import { get } from '../../api/client';
import { useData } from '../../api/data';
import { useQuery } from '../../app/router';
import { sortieLink } from '../../app/session';
import { Empty, Failed, Loading } from '../../ui/state';
import { plain, plural } from '../../words/plain';
import { clock } from '../../words/units';
import type { Page } from './index';

const LEVELS = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'info', 'debug'];

interface Line {
  t_s: number;
  what: string;
  level: number;
  text: string;
}

/** Texts and events of the log, in its own words. */
export function Messages({ page }: { page: Page }): JSX.Element {
  const id = page.row.sortie_id;
  const [text, setText] = useQuery('find');
  const [least, setLeast] = useQuery('level', '7');
  const found = useData(`messages/${id}`, (signal) => get('/api/sorties/{sortie}/messages', { path: { sortie: id }, signal }));
  if (found.error) return <Failed error={found.error} again={found.again} />;
  if (!found.data) return <Loading what="messages" height={300} />;
  const all: Line[] = [
    ...found.data.messages.map((m) => ({ t_s: m.t_s, what: LEVELS[m.level] ?? 'info', level: m.level, text: m.text })),
    ...found.data.events.filter((e) => e.kind !== 'text').map((e) => ({
      t_s: e.t_s, what: plain(e.kind), level: e.kind === 'failsafe' || e.kind === 'error' ? 3 : 6,
      text: [e.text, e.value === null || e.text ? '' : String(e.value), e.reason && `(${plain(e.reason)})`].filter(Boolean).join(' '),
    })),
  ].sort((a, b) => a.t_s - b.t_s);
  const shown = all.filter((m) => m.level <= Number(least) && (!text || `${m.what} ${m.text}`.toLowerCase().includes(text.toLowerCase())));
  return (
    <>
      <div class="filters">
        <label>Find <input data-search type="search" value={text} onInput={(e) => setText(e.currentTarget.value)} /></label>
        <label>At least <select value={least} onChange={(e) => setLeast(e.currentTarget.value)}>
          <option value="7">everything</option><option value="5">notice</option><option value="4">warning</option><option value="3">error</option>
        </select></label>
        <span class="note" role="status">{plural(shown.length, 'line')} of {all.length}</span>
      </div>
      {!all.length ? <Empty title="The log holds no text and no event" /> : (
        <div class="scroll" tabIndex={0} role="region" aria-label="Messages"><table class="t messages">
          <thead><tr><th class="num">at</th><th>sort</th><th>text</th></tr></thead>
          <tbody>{shown.slice(0, 3000).map((m, i) => (
            <tr key={i} class={m.level <= 3 ? 'grave' : ''}>
              <td class="num"><a href={sortieLink(id, { t: m.t_s.toFixed(2) })}>{clock(m.t_s)}</a></td>
              <td class="nowrap">{m.what}</td><td>{m.text}</td>
            </tr>
          ))}</tbody>
        </table></div>
      )}
      {shown.length > 3000 && <p class="note">The first 3000 lines; narrow the search for others.</p>}
    </>
  );
}
