// The server says when something in the store changed; open pages follow without a reload.
import { address } from '../api/client';
import { refresh } from '../api/data';

export type LiveState = 'on' | 'off';

export function listen(path: string, told: (state: LiveState) => void): () => void {
  let source: EventSource | null = null;
  let timer = 0;
  let wait = 1000;
  const soon = (): void => {
    clearTimeout(timer);
    timer = window.setTimeout(refresh, 400);
  };
  const open = (): void => {
    source = new EventSource(address(path));
    source.onopen = () => {
      wait = 1000;
      told('on');
    };
    source.addEventListener('store', soon);
    source.addEventListener('upload', soon);
    // the login ended or the server stops: asking who looks tells which
    source.addEventListener('bye', soon);
    source.onerror = () => {
      told('off');
      source?.close();
      timer = window.setTimeout(open, wait);
      wait = Math.min(wait * 2, 30_000);
    };
  };
  open();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}
