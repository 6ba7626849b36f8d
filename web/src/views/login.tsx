import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { type Schemas, address, post } from '../api/client';
import { route } from '../app/router';
import { Failed } from '../ui/state';

/** Why the identity provider's answer let nobody in; the server's log says more. */
const REFUSED: Record<string, string> = {
  again: 'The log-in was begun elsewhere, or too long ago. Begin it again from here.',
  provider: 'Your organisation’s log-in did not answer as it should, or you broke it off. Try again; if that does not help, the administrator’s log says why.',
  token: 'What your organisation’s log-in sent cannot be trusted, so nobody was let in. The administrator’s log says why.',
  role: 'Your organisation knows you, but none of your groups may look at this server. Its administrator says which may.',
};

export function Login({ who, done }: { who: Schemas['WhoAmI']; done: () => void }): JSX.Element {
  const [token, setToken] = useState('');
  const [failed, setFailed] = useState<unknown>(null);
  const hasToken = who.login.includes('token');
  const why = REFUSED[route().query.get('refused') ?? ''];
  // back to what was asked for, and not to the reason why it was refused
  const back = why ? '' : location.hash.replace(/^#/, '');
  const enter = async (e: Event): Promise<void> => {
    e.preventDefault();
    try {
      await post('/api/session', { body: { token: token.trim() } });
      done();
    } catch (problem) {
      setFailed(problem);
    }
  };
  return (
    <main class="login">
      <h1>Flyoff</h1>
      <p class="soft">This server asks who you are.{hasToken && <> An administrator makes a token with <code>flyoff token create --role viewer</code>; it is shown once.</>}</p>
      {why && failed === null && <div class="notice bad" role="alert"><p>{why}</p></div>}
      {failed !== null && <Failed error={failed} />}
      {hasToken && (
        <form onSubmit={(e) => void enter(e)} class="row">
          <label class="row">Token <input type="password" autocomplete="current-password" required value={token} onInput={(e) => setToken(e.currentTarget.value)} /></label>
          <button class="primary" type="submit">Log in</button>
        </form>
      )}
      {who.login.includes('oidc') && <p><a class="button" href={address('/api/oidc/login', {}, { to: back })}>Log in with your organisation</a></p>}
    </main>
  );
}
