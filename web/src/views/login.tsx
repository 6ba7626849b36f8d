import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { type Schemas, address, post } from '../api/client';
import { Failed } from '../ui/state';

export function Login({ who, done }: { who: Schemas['WhoAmI']; done: () => void }): JSX.Element {
  const [token, setToken] = useState('');
  const [failed, setFailed] = useState<unknown>(null);
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
      <p class="soft">This server asks who you are. An administrator makes a token with <code>flyoff token create --role viewer</code>; it is shown once.</p>
      {failed !== null && <Failed error={failed} />}
      {who.login.includes('token') && (
        <form onSubmit={(e) => void enter(e)} class="row">
          <label class="row">Token <input type="password" autocomplete="current-password" required value={token} onInput={(e) => setToken(e.currentTarget.value)} /></label>
          <button class="primary" type="submit">Log in</button>
        </form>
      )}
      {who.login.includes('oidc') && <p><a class="button" href={address('/api/oidc/login')}>Log in with your organisation</a></p>}
    </main>
  );
}
