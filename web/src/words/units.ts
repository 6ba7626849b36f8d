// Quantities as people read them. The store holds SI; the switch changes what is shown, nothing else.
import type { System } from '../app/settings';

interface Shown {
  unit: string;
  factor: number;
  offset?: number;
}

const AVIATION: Record<string, Shown> = {
  m: { unit: 'ft', factor: 1 / 0.3048 },
  km: { unit: 'NM', factor: 1 / 1.852 },
  'm/s': { unit: 'kt', factor: 3600 / 1852 },
  rad: { unit: '°', factor: 180 / Math.PI },
  'rad/s': { unit: '°/s', factor: 180 / Math.PI },
};
const SI: Record<string, Shown> = {
  rad: { unit: '°', factor: 180 / Math.PI }, // nobody reads a lean in radians
  'rad/s': { unit: '°/s', factor: 180 / Math.PI },
  deg: { unit: '°', factor: 1 },
  Pa: { unit: 'hPa', factor: 0.01 },
};

/** How values of a unit are shown: multiply by `factor`, add `offset`, write `unit`. */
export function shown(unit: string, system: System): { unit: string; factor: number; offset: number } {
  const found = (system === 'aviation' ? AVIATION[unit] : undefined) ?? SI[unit];
  return { unit: found?.unit ?? unit, factor: found?.factor ?? 1, offset: found?.offset ?? 0 };
}

/** A number to about three digits, as the report prints it. */
export function digits(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return '–';
  if (size >= 100 && size < 1e6) return value.toFixed(0);
  return String(Number(value.toPrecision(3)));
}

/** A value with its unit in the chosen system; a dash where there is none. */
export function quantity(value: number | null | undefined, unit: string, system: System): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  if (unit === '1' || unit === '') return digits(value);
  if (unit === 'm' && Math.abs(value) >= 20_000) return quantity(value / 1000, 'km', system);
  const as = shown(unit, system);
  const converted = value * as.factor + as.offset;
  // below the centimetre no position means anything
  const text = unit === 'm' && Math.abs(converted) < 10 ? hundredths(converted) : digits(converted);
  return as.unit === '°' ? `${text}°` : `${text} ${as.unit}`;
}

function hundredths(value: number): string {
  return Math.abs(value) < 0.005 && value !== 0 ? '< 0.01' : String(Number(value.toFixed(2)));
}

export function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? '–' : `${Math.round(share * 100)} %`;
}

/** Seconds as `12.3 s`, `4 min 05 s` or `1 h 20 min`. */
export function duration(s: number | null | undefined): string {
  if (s === null || s === undefined || !Number.isFinite(s)) return '–';
  if (s < 60) return `${s < 10 ? s.toFixed(1) : Math.round(s)} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${String(Math.floor(s % 60)).padStart(2, '0')} s`;
  return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, '0')} min`;
}

/** An instant on a log's own clock. */
export const clock = (s: number): string => `${s.toFixed(Math.abs(s) < 1000 ? 2 : 1)} s`;

export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = n;
  let at = -1;
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000;
    at += 1;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[at]}`;
}

export const count = (n: number): string => n.toLocaleString('en').replaceAll(',', '\u2009');

/** A UTC time as `2024-05-11 09:41 UTC`, whatever the machine's own zone is. */
export function utc(text: string | null | undefined, seconds = false): string {
  if (!text) return 'no time';
  const at = new Date(/[Zz]|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`);
  if (Number.isNaN(at.getTime())) return text;
  return `${at.toISOString().slice(0, seconds ? 19 : 16).replace('T', ' ')} UTC`;
}

export const day = (text: string | null | undefined): string => (text ? text.slice(0, 10) : '');
