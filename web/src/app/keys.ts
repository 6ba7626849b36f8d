// The keyboard map. Views add their own keys while they are shown; `?` lists what is there.
import { useEffect } from 'preact/hooks';

export interface Key {
  keys: string;
  says: string;
  run: (event: KeyboardEvent) => void;
}

const active = new Set<readonly Key[]>();
let first = '';
let timer = 0;

export const listed = (): Key[] => [...active].flat();

function isTyping(target: EventTarget | null): boolean {
  const el = target as HTMLElement | null;
  if (!el?.matches) return false;
  return el.matches('textarea, select, [contenteditable]')
    || (el.matches('input') && !el.matches('[type=checkbox], [type=radio], [type=range], [type=button]'));
}

function find(pressed: string): Key | undefined {
  // the youngest set wins: a view's own key before the page's
  return [...active].reverse().flat().find((k) => k.keys.split(' / ').includes(pressed));
}

addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (document.querySelector('dialog[open]') && event.key !== '?') return;
  const name = event.key === ' ' ? 'space' : event.key;
  // a button or link keeps space and enter for itself
  if ((name === 'space' || name === 'Enter') && (event.target as HTMLElement)?.matches?.('a, button, summary, [role=row]')) return;
  // a slider keeps its arrows
  if (name.startsWith('Arrow') && (event.target as HTMLElement)?.matches?.('input[type=range], [role=grid], [role=tab]')) return;
  const found = (first && find(`${first} ${name}`)) || find(name);
  clearTimeout(timer);
  first = found ? '' : name;
  timer = window.setTimeout(() => { first = ''; }, 900);
  if (found) {
    event.preventDefault();
    found.run(event);
  }
});

export function useKeys(keys: readonly Key[], deps: readonly unknown[]): void {
  useEffect(() => {
    active.add(keys);
    return () => void active.delete(keys);
  }, deps as unknown[]);
}
