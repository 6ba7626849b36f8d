// Every request of the page goes through here, typed by the server's own OpenAPI description.
import type { components, paths } from './schema';

export type Schemas = components['schemas'];

/** A refusal as the server words it (RFC 9457); status 0 is no answer at all. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    detail: string,
    readonly errors: string[] = [],
  ) {
    super(detail);
  }
}

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type PathsWith<M extends Method> = {
  [P in keyof paths]: paths[P] extends { [K in M]: { responses: unknown } } ? P : never;
}[keyof paths];
type Operation<P extends keyof paths, M extends Method> = paths[P] extends { [K in M]: infer O } ? O : never;
type Json<O> = O extends { responses: infer R }
  ? { [S in keyof R]: S extends 200 | 201 | 202 ? (R[S] extends { content: { 'application/json': infer B } } ? B : undefined) : never }[keyof R]
  : never;
type PathArgs<O> = O extends { parameters: { path: infer A } } ? A : undefined;
type QueryArgs<O> = O extends { parameters: { query?: infer Q } } ? NonNullable<Q> : undefined;
type Body<O> = O extends { requestBody: { content: { 'application/json': infer B } } } ? B : undefined;

export interface Args<P, Q, B> {
  path?: P;
  query?: Q;
  body?: B;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}
export interface Answer<T> {
  data: T;
  etag: string | null;
}

let csrf = '';
export const setCsrf = (value: string): void => { csrf = value; };
const unauthorised = new Set<() => void>();
export const onUnauthorised = (run: () => void): (() => void) => {
  unauthorised.add(run);
  return () => void unauthorised.delete(run);
};

/** The address of a route, relative to where the page lies. */
export function address(path: string, args: Record<string, unknown> = {}, query: object = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(args[name])));
  const kept = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (Array.isArray(value)) for (const each of value) kept.append(name, String(each));
    else if (value !== null && value !== undefined && value !== '') kept.set(name, String(value));
  }
  const text = kept.toString();
  return new URL(`.${filled}${text ? `?${text}` : ''}`, document.baseURI.replace(/#.*$/, '')).href;
}

async function send(method: string, url: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  if (method !== 'GET') headers.set('X-Flyoff-CSRF', csrf);
  let response: Response;
  try {
    response = await fetch(url, { ...init, method, headers, credentials: 'same-origin' });
  } catch (failed) {
    if ((failed as Error).name === 'AbortError') throw failed;
    throw new Problem(0, 'No answer', 'The server does not answer.');
  }
  if (response.ok) return response;
  if (response.status === 401) for (const run of unauthorised) run();
  throw await problem(response);
}

async function problem(response: Response): Promise<Problem> {
  try {
    const told = (await response.json()) as Partial<Schemas['Problem']>;
    return new Problem(response.status, told.title ?? response.statusText, told.detail ?? '', told.errors ?? []);
  } catch {
    return new Problem(response.status, response.statusText || `Status ${response.status}`, '');
  }
}

async function call<M extends Method, P extends keyof paths>(
  method: M, path: P, args: Args<PathArgs<Operation<P, M>>, QueryArgs<Operation<P, M>>, Body<Operation<P, M>>>,
): Promise<Answer<Json<Operation<P, M>>>> {
  const headers: Record<string, string> = { Accept: 'application/json', ...args.headers };
  const init: RequestInit = { headers };
  if (args.signal) init.signal = args.signal;
  if (args.body !== undefined) {
    init.body = JSON.stringify(args.body);
    headers['Content-Type'] = 'application/json';
  }
  const url = address(path, (args.path ?? {}) as Record<string, unknown>, (args.query ?? {}) as object);
  const response = await send(method.toUpperCase(), url, init);
  const text = await response.text();
  return { data: (text ? JSON.parse(text) : undefined) as Json<Operation<P, M>>, etag: response.headers.get('ETag') };
}

/** Read; the answer's type follows from the path. */
export const get = <P extends PathsWith<'get'>>(
  path: P, args: Args<PathArgs<Operation<P, 'get'>>, QueryArgs<Operation<P, 'get'>>, never> = {},
): Promise<Json<Operation<P, 'get'>>> => call('get', path, args as never).then((a) => a.data as Json<Operation<P, 'get'>>);

/** Read with the ETag that a change has to name. */
export const getTagged = <P extends PathsWith<'get'>>(
  path: P, args: Args<PathArgs<Operation<P, 'get'>>, QueryArgs<Operation<P, 'get'>>, never> = {},
): Promise<Answer<Json<Operation<P, 'get'>>>> => call('get', path, args as never) as Promise<Answer<Json<Operation<P, 'get'>>>>;

export const post = <P extends PathsWith<'post'>>(
  path: P, args: Args<PathArgs<Operation<P, 'post'>>, QueryArgs<Operation<P, 'post'>>, Body<Operation<P, 'post'>>> = {},
): Promise<Answer<Json<Operation<P, 'post'>>>> => call('post', path, args as never) as Promise<Answer<Json<Operation<P, 'post'>>>>;

export const patch = <P extends PathsWith<'patch'>>(
  path: P, args: Args<PathArgs<Operation<P, 'patch'>>, QueryArgs<Operation<P, 'patch'>>, Body<Operation<P, 'patch'>>> = {},
): Promise<Answer<Json<Operation<P, 'patch'>>>> => call('patch', path, args as never) as Promise<Answer<Json<Operation<P, 'patch'>>>>;

/** Delete; nothing comes back. */
export const end = <P extends PathsWith<'delete'>>(
  path: P, args: Args<PathArgs<Operation<P, 'delete'>>, QueryArgs<Operation<P, 'delete'>>, never> = {},
): Promise<unknown> => call('delete', path, args as never);

/** Long series come as bytes. */
export async function getBytes(url: string, signal?: AbortSignal): Promise<ArrayBuffer> {
  return (await send('GET', url, signal ? { signal } : {})).arrayBuffer();
}

/** Send a file as it is; `progress` tells the share that has left. Fetch cannot tell it, hence this. */
export function sendFile(
  method: string, url: string, file: Blob, progress: (share: number) => void, signal?: AbortSignal,
): Promise<string> {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.setRequestHeader('X-Flyoff-CSRF', csrf);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.upload.onprogress = (e) => progress(e.total ? e.loaded / e.total : 0);
    request.onerror = () => fail(new Problem(0, 'No answer', 'The connection broke while sending.'));
    request.onabort = () => fail(new DOMException('stopped', 'AbortError'));
    request.onload = () => {
      if (request.status < 300) return done(request.responseText);
      let told: Partial<Schemas['Problem']> = {};
      try {
        told = JSON.parse(request.responseText) as Partial<Schemas['Problem']>;
      } catch {
        // a proxy's own page
      }
      fail(new Problem(request.status, told.title ?? `Status ${request.status}`, told.detail ?? '', told.errors ?? []));
    };
    signal?.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}
