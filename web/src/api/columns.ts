// Columns in binary (`application/vnd.flyoff.columns`): a JSON header, then the numbers as they lie.

interface Head {
  columns: { name: string; type: 'f64' | 'f32' | 'i32'; rows: number; offset: number }[];
  meta: Record<string, unknown>;
}

export class Columns {
  readonly meta: Record<string, unknown>;
  private readonly at = new Map<string, Head['columns'][number]>();
  private readonly made = new Map<string, Float64Array>();
  private readonly start: number;

  constructor(private readonly data: ArrayBuffer) {
    const view = new DataView(data);
    if (data.byteLength < 8 || view.getUint32(0, true) !== 0x31594c46) throw new Error('the server sent no columns');
    const long = view.getUint32(4, true);
    const head = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 8, long))) as Head;
    this.meta = head.meta;
    this.start = 8 + long;
    for (const column of head.columns) this.at.set(column.name, column);
  }

  has(name: string): boolean {
    return this.at.has(name);
  }

  /** A column as float64, whatever it was sent as; NaN where nothing was logged. */
  get(name: string): Float64Array {
    const done = this.made.get(name);
    if (done) return done;
    const c = this.at.get(name);
    if (!c) throw new Error(`the server sent no column ${name}`);
    const from = this.start + c.offset;
    const made = c.type === 'f64' ? new Float64Array(this.data, from, c.rows)
      : Float64Array.from(c.type === 'f32' ? new Float32Array(this.data, from, c.rows) : new Int32Array(this.data, from, c.rows));
    this.made.set(name, made);
    return made;
  }
}
