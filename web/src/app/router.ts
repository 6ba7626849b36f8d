// The whole state of the page is its address: `#/sortie/abc?tab=raw&t=12.3`. What is after the hash
// never leaves the browser, works behind any proxy path and needs nothing of the server.
import { useEffect, useState } from 'preact/hooks';

export interface Route {
  /** The parts of the path, decoded: `['sortie', 'abc']`. */
  path: string[];
  query: URLSearchParams;
}

export function parse(hash: string): Route {
  const text = hash.replace(/^#\/?/, '');
  const at = text.indexOf('?');
  const path = (at < 0 ? text : text.slice(0, at)).split('/').filter(Boolean).map(decode);
  return { path, query: new URLSearchParams(at < 0 ? '' : text.slice(at + 1)) };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // an address mended by hand: shown as it is
  }
}

export type Query = Record<string, string | number | boolean | null | undefined>;

/** An address as a link's `href`; empty and absent values are left out. */
export function link(path: readonly string[], query: Query = {}): string {
  const kept = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '' && value !== false) kept.set(name, String(value));
  }
  const text = kept.toString();
  return `#/${path.map(encodeURIComponent).join('/')}${text ? `?${text}` : ''}`;
}

type Listener = (route: Route) => void;
const listeners = new Set<Listener>();
let current = parse(location.hash);

function tell(): void {
  current = parse(location.hash);
  for (const listener of [...listeners]) listener(current);
}
addEventListener('hashchange', tell);

export const route = (): Route => current;

export function go(path: readonly string[], query: Query = {}): void {
  location.hash = link(path, query);
}

let pending: Query | null = null;
let timer = 0;

/** Change values of the query in place, without an entry in the history; many calls make one. */
export function change(values: Query): void {
  pending = { ...pending, ...values };
  clearTimeout(timer);
  timer = window.setTimeout(flush, 60);
}

function flush(): void {
  if (!pending) return;
  const query: Query = { ...Object.fromEntries(current.query), ...pending };
  pending = null;
  history.replaceState(null, '', link(current.path, query));
  tell();
}
// A link followed within the delay must not take the old view's values along.
addEventListener('hashchange', () => { pending = null; }, { capture: true });

export function useRoute(): Route {
  const [shown, show] = useState(current);
  useEffect(() => {
    listeners.add(show);
    show(current);
    return () => void listeners.delete(show);
  }, []);
  return shown;
}

/** One value of the query, with a way to change it. */
export function useQuery(name: string, otherwise = ''): [string, (value: string) => void] {
  const { query } = useRoute();
  return [query.get(name) ?? otherwise, (value) => change({ [name]: value === otherwise ? null : value })];
}
