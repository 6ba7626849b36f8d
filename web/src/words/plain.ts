/** A word of a closed list as people write it; the same rule as `views/wording.py`. */
const ABBREVIATIONS: Record<string, string> = { gnss: 'GNSS', imu: 'IMU', rc: 'RC', baro: 'barometer' };

export function plain(word: string | null | undefined): string {
  return (word ?? '').split('_').map((w) => ABBREVIATIONS[w] ?? w).join(' ');
}

/** A vehicle's id as it fits into a line: serial numbers, alike at both ends or not, keep their ends. */
export function vehicleName(id: string | null | undefined): string {
  if (!id || id === 'unknown') return 'no id';
  return id.replace(/[0-9A-Fa-f]{13,}/g, (run) => `${run.slice(0, 4)}…${run.slice(-4)}`);
}

export const plural = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

/** What the server says in the middle of a line, as a sentence of its own. */
export const sentence = (text: string): string => (text ? `${text[0]!.toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}` : '');
