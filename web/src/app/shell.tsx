// Bar, navigation, settings and the list of keys: what stands around every view.
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { end } from '../api/client';
import { type Key, listed, useKeys } from './keys';
import { change, go, route, useRoute } from './router';
import { to, useCampaign, useSession } from './session';
import { nextTheme, nextUnits, useSettings } from './settings';

const VIEWS = [
  { id: 'campaign', title: 'Campaign', key: 'c' },
  { id: 'sorties', title: 'Sorties', key: 's' },
  { id: 'replay', title: 'Replay', key: 'r' },
  { id: 'fleet', title: 'Fleet', key: 'f' },
  { id: 'trial', title: 'Trial', key: 't' },
  { id: 'review', title: 'Review', key: 'v' },
  { id: 'cards', title: 'Cards', key: 'd' },
  { id: 'upload', title: 'Upload', key: 'u' },
] as const;
const UNDER: Record<string, string> = { sortie: 'sorties', compare: 'sorties', candidate: 'campaign', '': 'campaign' };

export function Shell({ children, live }: { children: ComponentChildren; live: 'on' | 'off' }): JSX.Element {
  const { path } = useRoute();
  const main = useRef<HTMLElement>(null);
  const [help, showHelp] = useState(false);
  const { theme, units } = useSettings();
  const { trials } = useSession();
  // a view of counter-drone trials only where there is one to look at
  const views = VIEWS.filter((v) => v.id !== 'trial' || trials.length > 0);
  const here = path[0] ?? '';
  const current = UNDER[here] ?? here;
  useKeys([
    ...views.map((v): Key => ({ keys: `g ${v.key}`, says: `Go to ${v.title}`, run: () => { location.hash = to([v.id]); } })),
    { keys: '?', says: 'Show or hide this list', run: () => showHelp((is) => !is) },
    { keys: 'T', says: 'Light, dark, or as the system', run: nextTheme },
    { keys: 'U', says: 'SI or aviation units', run: nextUnits },
    { keys: '/', says: 'To the search or filter of the view', run: () => document.querySelector<HTMLElement>('[data-search]')?.focus() },
  ], []);
  const at = path.join('/');
  const first = useRef(true);
  useEffect(() => {
    if (first.current) first.current = false;
    else {
      scrollTo(0, 0);
      main.current?.focus({ preventScroll: true });
    }
  }, [at]);
  return (
    <>
      <a class="skip" href="#main" onClick={(e) => { e.preventDefault(); main.current?.focus(); }}>To the content</a>
      <header class="bar">
        <a class="brand" href={to(['campaign'])}><Logo />Flyoff</a>
        <nav aria-label="Views">
          {views.map((v) => <a key={v.id} href={to([v.id])} aria-current={current === v.id ? 'page' : undefined} ref={current === v.id ? intoSight : null}>{v.title}</a>)}
        </nav>
        <div class="tools">
          <CampaignChoice />
          {live === 'off' && <span class="chip" title="The server does not answer; figures may be old">not live</span>}
          <button type="button" class="plain" title="Units: SI or aviation (U)" onClick={nextUnits}>
            {units === 'si' ? 'SI' : 'ft kt'}<span class="hidden-text"> units, switch</span>
          </button>
          <button type="button" class="plain" title={`Theme: ${theme} (T)`} onClick={nextTheme}>
            <span aria-hidden="true">{{ auto: '◐', light: '○', dark: '●' }[theme]}</span><span class="hidden-text">theme {theme}, switch</span>
          </button>
          <button type="button" class="plain" title="Keys (?)" onClick={() => showHelp(true)}>?<span class="hidden-text"> list of keys</span></button>
          <Who />
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>{children}</main>
      <Foot />
      {help && <Help close={() => showHelp(false)} />}
    </>
  );
}

/** On a phone navigation and tabs scroll sideways: where one is has to be seen. */
export function intoSight(el: HTMLElement | null): void {
  const strip = el?.parentElement;
  if (el && strip) strip.scrollLeft = el.offsetLeft - strip.offsetLeft - (strip.clientWidth - el.offsetWidth) / 2;
}

function Logo(): JSX.Element {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <path d="M4 24 12 12l5.5 6.5L27 7" fill="none" stroke="var(--link)" stroke-width="3.4" stroke-linecap="round" stroke-linejoin="round" />
      <circle cx="27" cy="7" r="3" fill="var(--orange)" />
    </svg>
  );
}

function CampaignChoice(): JSX.Element | null {
  const { campaigns } = useSession();
  const chosen = useCampaign();
  if (campaigns.length < 2) return null;
  return (
    <select aria-label="Campaign" value={chosen} onChange={(e) => change({ campaign: (e.currentTarget as HTMLSelectElement).value })}>
      {campaigns.map((c) => <option key={c.id} value={c.id}>{c.name}</option>)}
    </select>
  );
}

function Who(): JSX.Element | null {
  const { who } = useSession();
  if (who.by === 'this machine' || who.by === 'nobody') return null;
  const leave = async (): Promise<void> => {
    await end('/api/session').catch(() => undefined);
    location.reload();
  };
  return <button type="button" class="plain" title={`${who.name}, ${who.role}. Log out`} onClick={() => void leave()}>{who.name}<span class="hidden-text">, log out</span></button>;
}

function Foot(): JSX.Element {
  const { about } = useSession();
  return (
    <footer class="foot">
      Flyoff {about.version}. Every outcome is judged by the program from the log; <i>undetermined</i> means that the evidence
      does not decide. Nothing on this page comes from, or goes to, another machine than this server.
    </footer>
  );
}

function Help({ close }: { close: () => void }): JSX.Element {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const el = box.current!;
    el.showModal();
    return () => el.close();
  }, []);
  return (
    <dialog ref={box} onClose={close} onClick={(e) => e.target === box.current && close()} aria-labelledby="keys-title">
      <div class="row" style={{ justifyContent: 'space-between', marginBottom: '12px' }}>
        <h2 id="keys-title">Keys</h2>
        <button type="button" class="plain" onClick={close}>Close</button>
      </div>
      <table class="t keys">
        <thead class="hidden-text"><tr><th>key</th><th>what it does</th></tr></thead>
        <tbody>
          {listed().map((k) => (
            <tr key={k.keys}>
              <td class="nowrap">{k.keys.split(' / ').map((one, i) => (
                <span key={one}>{i > 0 && <span class="soft"> or </span>}{one.split(' ').map((part) => <span key={part}><kbd>{part}</kbd> </span>)}</span>
              ))}</td>
              <td>{k.says}</td>
            </tr>
          ))}
          <tr><td class="nowrap"><kbd>↑</kbd> <kbd>↓</kbd> <kbd>Enter</kbd> <kbd>space</kbd></td><td>In a table: move, open, select</td></tr>
        </tbody>
      </table>
    </dialog>
  );
}

/** Back to where one came from, for views that hang under another. */
export const up = (path: string[]): void => go(path, { campaign: route().query.get('campaign') });
