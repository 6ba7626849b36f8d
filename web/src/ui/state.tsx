// What stands where data is still coming, absent or refused: it says what to do next.
import type { ComponentChildren, JSX } from 'preact';
import { Problem } from '../api/client';

/** `page` is the title of the view where this is all that there is of it. */
export function Loading({ what, height = 160, page }: { what: string; height?: number; page?: string }): JSX.Element {
  return (
    <>
      {page && <h1>{page}</h1>}
      <div class="skeleton" style={{ minHeight: `${height}px` }} role="status" aria-live="polite">
        <span class="hidden-text">Loading {what}</span>
      </div>
    </>
  );
}

export function Empty({ title, page, children }: { title: string; page?: string; children?: ComponentChildren }): JSX.Element {
  return (
    <>
      {page && <h1>{page}</h1>}
      <div class="notice">
        <h3>{title}</h3>
        {children}
      </div>
    </>
  );
}

const HINTS: Record<number, string> = {
  0: 'The server does not answer. Is flyoff serve still running? The page tries again as soon as it is.',
  401: 'Your token is not known here, or was revoked. Enter another one.',
  403: 'Your role may not do this. An administrator can make you a token: flyoff token create --role analyst.',
  404: 'Nothing of this name is in the store. The address may be old, or the log was never ingested here.',
  409: 'Somebody else changed this in the meantime. Look at the newer state and decide again.',
  413: 'The file is larger than this server accepts. Ingest it on the machine itself: flyoff ingest FOLDER --store STORE.',
  429: 'Too many attempts in a short time. Wait a minute.',
  503: 'The store does not answer: its disk may be gone. The server keeps trying.',
};

export function Failed({ error, again, page }: { error: unknown; again?: () => void; page?: string }): JSX.Element {
  const status = error instanceof Problem ? error.status : -1;
  const title = error instanceof Problem ? error.title : 'This part of the page failed';
  const detail = error instanceof Error ? error.message : String(error);
  return (
    <>
      {page && <h1>{page}</h1>}
      <div class="notice bad" role="alert">
        <h3>{title}</h3>
        {detail && detail !== title && <p>{detail}</p>}
        {HINTS[status] && <p class="soft">{HINTS[status]}</p>}
        {again && <p><button type="button" onClick={again}>Try again</button></p>}
      </div>
    </>
  );
}
