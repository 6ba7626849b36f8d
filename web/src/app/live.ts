// The server says when something in the store changed; open pages follow without a reload.
import { address } from '../api/client';
import { forget, refresh } from '../api/data';

export type LiveState = 'on' | 'off';

/** `stamp` is the state of the store that the page began with: told again, it is no news. */
export function listen(path: string, told: (state: LiveState) => void, stamp: string): () => void {
  let last = stamp;
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
    source.addEventListener('store', (e: MessageEvent<string>) => {
      const now = (JSON.parse(e.data) as { stamp: string }).stamp;
      if (now !== last) soon();
      last = now;
    });
    source.addEventListener('upload', () => forget('uploads'));
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
