/** A word of a closed list as people write it; the same rule as `views/wording.py`. */
const ABBREVIATIONS: Record<string, string> = { gnss: 'GNSS', imu: 'IMU', rc: 'RC', baro: 'barometer' };

export function plain(word: string | null | undefined): string {
  return (word ?? '').split('_').map((w) => ABBREVIATIONS[w] ?? w).join(' ');
}

/** A measure's name as people write it: its unit, which stands behind the value, is left off. */
export function measureName(name: string): string {
  return plain(name.replace(/_(m|s|ms|wh|v|a|w|deg|rad|h|mps|hz|ratio)$/, ''));
}

export const plural = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
