import './style/sheet';
import { type ComponentType, type JSX, render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { get, onUnauthorised, setCsrf } from './api/client';
import { listen } from './app/live';
import { route, useRoute } from './app/router';
import { type Session, SessionContext } from './app/session';
import { Shell } from './app/shell';
import { Failed, Loading } from './ui/state';
import { Login } from './views/login';

type View = ComponentType<{ rest: string[] }>;

/** Each view is fetched when it is first looked at. */
const VIEWS: Record<string, () => Promise<{ default: View }>> = {
  campaign: () => import('./views/campaign'),
  candidate: () => import('./views/candidate'),
  sorties: () => import('./views/sorties'),
  sortie: () => import('./views/sortie'),
  compare: () => import('./views/compare'),
  replay: () => import('./views/replay'),
  fleet: () => import('./views/fleet'),
  trial: () => import('./views/trial'),
  upload: () => import('./views/upload'),
  review: () => import('./views/review'),
  cards: () => import('./views/cards'),
};
const known = new Map<string, View>();

function Current(): JSX.Element {
  const { path } = useRoute();
  const name = path[0] ?? 'campaign';
  const [, redraw] = useState(0);
  const [failed, setFailed] = useState<unknown>(null);
  const load = VIEWS[name];
  useEffect(() => {
    setFailed(null);
    if (!load || known.has(name)) return;
    load().then((module) => {
      known.set(name, module.default);
      redraw((n) => n + 1);
    }, setFailed);
  }, [name]);
  if (!load) return <Unknown name={path.join('/')} />;
  if (failed) return <Failed error={failed} again={() => location.reload()} />;
  const Shown = known.get(name);
  return Shown ? <Shown key={name} rest={path.slice(1)} /> : <Loading what={name} height={400} />;
}

function Unknown({ name }: { name: string }): JSX.Element {
  return (
    <div class="notice bad">
      <h2>There is no page “{name}”</h2>
      <p>The address may have been cut on its way. <a href="#/campaign">Go to the campaign</a>, or choose a view above.</p>
    </div>
  );
}

async function start(): Promise<Session> {
  // the view's own code comes while the server is asked who looks
  VIEWS[route().path[0] ?? 'campaign']?.().catch(() => undefined);
  const who = await get('/api/whoami');
  setCsrf(who.csrf);
  if (who.role === null) throw who;
  const [about, campaigns, trials, words] = await Promise.all([get('/api/about'), get('/api/campaigns'), get('/api/trials'), get('/api/words')]);
  return { who, about, campaigns: campaigns.campaigns, trials: trials.trials, words };
}

function App(): JSX.Element {
  const [session, setSession] = useState<Session | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  const [live, setLive] = useState<'on' | 'off'>('on');
  const begin = (): void => {
    setFailed(null);
    start().then(setSession, (problem: unknown) => {
      setSession(null);
      setFailed(problem);
    });
  };
  useEffect(begin, []);
  useEffect(() => onUnauthorised(() => {
    // a token that is revoked while in use: back to the login, the address stays
    if (session) begin();
  }), [session]);
  useEffect(() => (session ? listen('/api/events', setLive, session.about.store_stamp) : undefined), [session?.who.name]);
  if (failed && typeof failed === 'object' && 'csrf' in failed) return <Login who={failed as Session['who']} done={begin} />;
  if (failed) return <main><Failed error={failed} again={begin} /></main>;
  if (!session) return <main><Loading what="Flyoff" height={300} /></main>;
  return (
    <SessionContext.Provider value={session}>
      <Shell live={live}><Current /></Shell>
    </SessionContext.Provider>
  );
}

render(<App />, document.getElementById('app')!);
