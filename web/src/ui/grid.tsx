// A table of any length: only the rows in view exist. Rows come in pages from the server, by demand.
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

export interface Column<R> {
  id: string;
  title: string;
  width: string;
  num?: boolean;
  sortable?: boolean;
  cell: (row: R) => ComponentChildren;
}

interface Props<R> {
  label: string;
  columns: readonly Column<R>[];
  total: number;
  row: (at: number) => R | undefined;
  /** The rows that are in view: fetch them, and their sketches. */
  onView?: (from: number, to: number) => void;
  keyOf: (row: R) => string;
  selected?: ReadonlySet<string>;
  onOpen?: (row: R) => void;
  onSelect?: (row: R) => void;
  sort?: string;
  onSort?: (id: string) => void;
  height?: string;
  rowHeight?: number;
  maxWidth?: number;
  /** Changes when the rows are others: the table goes back to its top. */
  resetKey?: string;
}

/** Browsers draw no box taller than about 16 million pixels; beyond, scrolling is scaled. */
const TALLEST = 8_000_000;
const OVERSCAN = 6;

export function Grid<R>(props: Props<R>): JSX.Element {
  const { columns, total, rowHeight = 34, label } = props;
  const host = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [tall, setTall] = useState(600);
  const [current, setCurrent] = useState(-1);

  useLayoutEffect(() => {
    const el = host.current!;
    const watch = new ResizeObserver(() => setTall(el.clientHeight));
    watch.observe(el);
    return () => watch.disconnect();
  }, []);
  const shown = useRef(props.resetKey);
  useLayoutEffect(() => {
    // before anything is drawn, so that no key pressed on the new rows is undone by it
    if (shown.current === props.resetKey) return;
    shown.current = props.resetKey;
    host.current!.scrollTop = 0;
    setTop(0);
    setCurrent(-1);
  }, [props.resetKey]);

  const full = total * rowHeight;
  const body = Math.min(full, TALLEST);
  const view = Math.max(1, tall - 34);
  const scale = full > body ? (full - view) / Math.max(1, body - view) : 1;
  const offset = top * scale;
  const from = Math.max(0, Math.floor(offset / rowHeight) - OVERSCAN);
  const to = Math.min(total, Math.ceil((offset + view) / rowHeight) + OVERSCAN);
  useEffect(() => { props.onView?.(from, to); }, [from, to, props.resetKey, total]);

  const template = columns.map((c) => c.width).join(' ');
  // the least that all columns need: beyond, the table scrolls sideways
  const least = columns.reduce((n, c) => n + Number(/(\d+)px/.exec(c.width)?.[1] ?? 0), 0);
  const show = (at: number): void => {
    const el = host.current!;
    const y = at * rowHeight;
    if (y < offset) el.scrollTop = y / scale;
    else if (y + rowHeight > offset + view) el.scrollTop = (y + rowHeight - view) / scale;
  };
  const onKey = (e: KeyboardEvent): void => {
    if ((e.target as HTMLElement).matches('input, select, textarea') && e.target !== e.currentTarget) return;
    const page = Math.max(1, Math.floor(view / rowHeight) - 1);
    const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -total, End: total };
    const move = moves[e.key];
    const row = props.row(current);
    if (move !== undefined) {
      const begin = current >= 0 ? current + move : e.key === 'End' ? total - 1 : Math.ceil(offset / rowHeight);
      const next = Math.max(0, Math.min(total - 1, begin));
      setCurrent(next);
      show(next);
    } else if (e.key === 'Enter' && row) props.onOpen?.(row);
    else if (e.key === ' ' && row) props.onSelect?.(row);
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  const rows: JSX.Element[] = [];
  for (let at = from; at < to; at += 1) {
    const row = props.row(at);
    const key = row ? props.keyOf(row) : '';
    rows.push(
      <div
        key={at} class={`grid-row${at === current ? ' current' : ''}`} role="row" aria-rowindex={at + 2} id={`row-${at}`}
        aria-selected={row && props.selected ? props.selected.has(key) : undefined}
        style={{ transform: `translateY(${at * rowHeight - offset + top}px)`, height: `${rowHeight}px`, gridTemplateColumns: template }}
        onClick={(e) => {
          setCurrent(at);
          if (row && !(e.target as HTMLElement).closest('a, input, button')) props.onOpen?.(row);
        }}
      >
        {row
          ? columns.map((c) => <div key={c.id} role="gridcell" class={c.num ? 'num' : undefined}>{c.cell(row)}</div>)
          : <div role="gridcell" class="soft">…</div>}
      </div>,
    );
  }
  return (
    <div
      class="grid-table" ref={host} role="grid" aria-label={label} aria-rowcount={total + 1} aria-multiselectable={!!props.selected}
      tabIndex={0} aria-activedescendant={current >= 0 ? `row-${current}` : undefined}
      style={{ maxWidth: props.maxWidth ? `${props.maxWidth}px` : 'none', height: props.height ?? `${Math.min(total * rowHeight + 38, 640)}px` }}
      onScroll={(e) => setTop((e.currentTarget as HTMLElement).scrollTop)} onKeyDown={onKey}
    >
      <div role="rowgroup" class="grid-headgroup" style={{ minWidth: `${least}px` }}>
        <div class="grid-head" role="row" aria-rowindex={1} style={{ gridTemplateColumns: template }}>
          {columns.map((c) => <Head key={c.id} column={c} sort={props.sort} onSort={props.onSort} />)}
        </div>
      </div>
      <div class="grid-body" role="rowgroup" style={{ height: `${body}px`, minWidth: `${least}px` }}>{rows}</div>
    </div>
  );
}

function Head<R>({ column, sort, onSort }: { column: Column<R>; sort?: string; onSort?: (id: string) => void }): JSX.Element {
  const is = sort === column.id ? 'ascending' : sort === `-${column.id}` ? 'descending' : undefined;
  return (
    <div role="columnheader" class={column.num ? 'num' : undefined} aria-sort={is}>
      {column.sortable && onSort
        ? (
          <button type="button" class="sort plain" onClick={() => onSort(is === 'ascending' ? `-${column.id}` : column.id)}>
            {column.title}{is === 'ascending' ? ' ▴' : is === 'descending' ? ' ▾' : ''}
          </button>
        )
        : column.title}
    </div>
  );
}
