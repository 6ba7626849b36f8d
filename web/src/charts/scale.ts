export interface Scale {
  /** 0 to 1 over the axis; values beyond an end are put at it. */
  at: (value: number) => number;
  ticks: number[];
  isLog: boolean;
}

/** Round steps, as people divide an axis. */
export function ticksOf(low: number, high: number, about = 5): number[] {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return [low];
  const raw = span / about;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw) ?? raw;
  const found: number[] = [];
  for (let v = Math.ceil(low / step) * step; v <= high + step * 1e-9; v += step) found.push(Math.abs(v) < step * 1e-9 ? 0 : v);
  return found;
}

export function linear(low: number, high: number, about = 5): Scale {
  const span = high - low || 1;
  return { at: (v) => Math.min(1, Math.max(0, (v - low) / span)), ticks: ticksOf(low, high, about), isLog: false };
}

/** Every power of ten, for what spreads over several of them. */
export function logarithmic(low: number, high: number): Scale {
  const a = Math.floor(Math.log10(low) + 1e-9);
  const b = Math.max(a + 1, Math.ceil(Math.log10(high) - 1e-9));
  const ticks: number[] = [];
  const every = Math.ceil((b - a) / 6);
  for (let p = a; p <= b; p += every) ticks.push(10 ** p);
  return { at: (v) => (v > 0 ? Math.min(1, Math.max(0, (Math.log10(v) - a) / (b - a))) : 0), ticks, isLog: true };
}

/** Linear where the values are of one size, logarithmic where they are not. */
export function fitting(values: readonly number[]): Scale {
  const positive = values.filter((v) => v > 0 && Number.isFinite(v));
  if (!positive.length) return linear(0, 1);
  const low = Math.min(...positive);
  const high = Math.max(...positive);
  return high / low > 40 ? logarithmic(low, high) : linear(0, high * 1.08);
}
