// Bring a folder of logs: progress for each file, then a receipt for each, in the order of arrival.
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Problem, type Schemas, address, end, get, post, sendFile } from '../api/client';
import { refresh, useData } from '../api/data';
import { sortieLink, useMay, useSession } from '../app/session';
import { Empty, Failed, Loading } from '../ui/state';
import { plural } from '../words/plain';
import { bytes, utc } from '../words/units';

interface Brought {
  path: string;
  file: File;
}
interface Sending {
  path: string;
  bytes: number;
  share: number;
  problem: string;
  done: boolean;
}
const AT_ONCE = 3;

export default function Upload(): JSX.Element {
  const { about } = useSession();
  const may = useMay('analyst');
  const [sending, setSending] = useState<Sending[]>([]);
  const [failed, setFailed] = useState<unknown>(null);
  const [over, setOver] = useState(false);
  const stop = useRef<AbortController | null>(null);
  const batches = useData('uploads', (signal) => get('/api/uploads', { signal }));
  const busy = sending.some((s) => !s.done && !s.problem);

  const bring = async (brought: Brought[]): Promise<void> => {
    if (!brought.length) return;
    setFailed(null);
    stop.current = new AbortController();
    setSending(brought.map((b) => ({ path: b.path, bytes: b.file.size, share: 0, problem: '', done: false })));
    const update = (i: number, with_: Partial<Sending>): void => setSending((all) => all.map((s, j) => (i === j ? { ...s, ...with_ } : s)));
    try {
      const { data: batch } = await post('/api/uploads');
      let next = 0;
      let kept = 0;
      const worker = async (): Promise<void> => {
        for (let i = next; i < brought.length; i = next) {
          next += 1;
          try {
            const url = address('/api/uploads/{batch}/files', { batch: batch.id }, { path: brought[i]!.path });
            await sendFile('PUT', url, brought[i]!.file, (share) => update(i, { share }), stop.current!.signal);
            update(i, { share: 1, done: true });
            kept += 1;
          } catch (problem) {
            if ((problem as Error).name === 'AbortError') throw problem;
            update(i, { problem: (problem as Error).message });
          }
        }
      };
      try {
        await Promise.all(Array.from({ length: AT_ONCE }, worker));
      } catch (problem) {
        await end('/api/uploads/{batch}', { path: { batch: batch.id } }).catch(() => undefined);
        throw problem;
      }
      if (kept) await post('/api/uploads/{batch}/start', { path: { batch: batch.id } });
      refresh();
    } catch (problem) {
      setFailed((problem as Error).name === 'AbortError' ? new Problem(-1, 'Stopped', 'Nothing of this batch was kept.') : problem);
      setSending([]);
    }
  };

  if (!about.upload) return <Empty title="This server only reads"><p>Its store cannot be written to from here. On the machine itself: <code>flyoff ingest sdcards/ --store store/</code></p></Empty>;
  if (!may) return <Empty title="Your role may look, not bring"><p>An upload needs the role analyst: ask an administrator for <code>flyoff token create --role analyst</code>.</p></Empty>;
  return (
    <>
      <div class="page-head"><div><h1>Upload</h1><p>Logs of any autopilot, mission files beside them, archives too. They are judged in the background; this page may be closed.</p></div></div>
      <div
        class={`drop${over ? ' over' : ''}`}
        onDragOver={(e) => { e.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)}
        onDrop={(e) => { e.preventDefault(); setOver(false); if (e.dataTransfer && !busy) void dropped(e.dataTransfer).then(bring); }}
      >
        <p><b>Drop a folder or files here</b></p>
        <div class="row">
          <Choose label="Choose a folder" isFolder disabled={busy} bring={bring} />
          <Choose label="Choose files" disabled={busy} bring={bring} />
        </div>
        <p class="note">At most {bytes(about.upload.file_bytes)} a file, {bytes(about.upload.batch_bytes)} and {plural(about.upload.files, 'file')} at once. A log that is already in the store is recognised and not judged twice.</p>
      </div>
      {failed !== null && <Failed error={failed} />}
      {sending.length > 0 && <Progress sending={sending} busy={busy} stop={() => stop.current?.abort()} />}
      <section class="block" aria-labelledby="batches">
        <header><h2 id="batches">What was brought</h2></header>
        {batches.error ? <Failed error={batches.error} again={batches.again} /> : !batches.data ? <Loading what="uploads" />
          : !batches.data.batches.length ? <p class="soft">Nothing yet.</p>
          : batches.data.batches.map((b) => <Batch key={b.id} batch={b} />)}
      </section>
    </>
  );
}

function Choose({ label, isFolder, disabled, bring }: { label: string; isFolder?: boolean; disabled: boolean; bring: (b: Brought[]) => Promise<void> }): JSX.Element {
  return (
    <label class="button file-choice">{label}
      <input
        type="file" multiple class="hidden-text" disabled={disabled} {...(isFolder ? { webkitdirectory: true } : {})}
        onChange={(e) => {
          const files = [...(e.currentTarget.files ?? [])];
          e.currentTarget.value = '';
          void bring(files.map((file) => ({ path: file.webkitRelativePath || file.name, file })));
        }}
      />
    </label>
  );
}

/** Everything under what was dropped, with the paths that it has there. */
async function dropped(data: DataTransfer): Promise<Brought[]> {
  const entries = [...data.items].map((i) => i.webkitGetAsEntry()).filter((e): e is FileSystemEntry => e !== null);
  const found: Brought[] = [];
  const walk = async (entry: FileSystemEntry): Promise<void> => {
    if (entry.isFile) {
      const file = await new Promise<File>((done, fail) => (entry as FileSystemFileEntry).file(done, fail));
      found.push({ path: entry.fullPath.replace(/^\//, ''), file });
      return;
    }
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    for (;;) { // a reader gives at most a hundred at a time
      const some = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
      if (!some.length) return;
      for (const e of some) await walk(e);
    }
  };
  for (const e of entries) await walk(e);
  return found;
}

function Progress({ sending, busy, stop }: { sending: Sending[]; busy: boolean; stop: () => void }): JSX.Element {
  const all = sending.reduce((n, s) => n + s.bytes, 0) || 1;
  const gone = sending.reduce((n, s) => n + s.bytes * s.share, 0);
  return (
    <section class="block" aria-labelledby="sending">
      <header><h2 id="sending">{busy ? 'Sending' : 'Sent'}</h2><span class="note" role="status">{bytes(gone)} of {bytes(all)}</span>{busy && <button type="button" onClick={stop}>Stop</button>}</header>
      <ul class="sending">
        {sending.slice(0, 500).map((s) => (
          <li key={s.path}>
            <span class="mono path">{s.path}</span>
            {s.problem ? <span class="s-critical">{s.problem}</span> : <progress value={s.share} max={1} aria-label={s.path} />}
            <span class="soft num">{s.done ? 'received' : bytes(s.bytes)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

const STATES: Record<Schemas['UploadedFile']['state'], string> = {
  received: 'received', queued: 'waits', judging: 'is being judged', stored: 'in the store', known: 'was there already', skipped: 'no log', failed: 'could not be read',
};

function Batch({ batch }: { batch: Schemas['Batch'] }): JSX.Element {
  const isOpen = batch.state !== 'done';
  return (
    <details class="batch" open={isOpen || batch.files.length <= 12}>
      <summary><b>{utc(batch.created_utc)}</b> {batch.by && `by ${batch.by}`} · {plural(batch.files.length, 'file')} · {batch.state === 'done' ? 'done' : `${batch.done} of ${batch.files.length} done`}{batch.problem && <span class="s-critical"> {batch.problem}</span>}</summary>
      {isOpen && <progress value={batch.done} max={batch.files.length || 1} aria-label="Files done" />}
      <div class="scroll" tabIndex={0} role="region" aria-label="Files of this batch">
        <table class="t">
          <thead><tr><th>file</th><th class="num">size</th><th>state</th><th>receipt</th><th>sorties</th></tr></thead>
          <tbody>{batch.files.slice(0, 1000).map((f) => (
            <tr key={f.path}>
              <td class="mono">{f.path}</td><td class="num">{bytes(f.bytes)}</td>
              <td class={`nowrap${f.state === 'failed' ? ' s-critical' : ''}`}>{STATES[f.state]}</td>
              <td>{f.problem ?? f.receipt ?? ''}</td>
              <td>{f.sorties.map((s, i) => <span key={s}>{i > 0 && ', '}<a href={sortieLink(s)}>open</a></span>)}</td>
            </tr>
          ))}</tbody>
        </table>
      </div>
    </details>
  );
}
