import type { ImageEntry } from '../api/types';

/** When it was modified, to the nanosecond that decides whether two files are the same. In UTC, as `stat` prints it under TZ=UTC. */
export function exactTime({ modified, nanoseconds }: Pick<ImageEntry, 'modified' | 'nanoseconds'>): string {
  if (!modified) return '';
  const [day, time = ''] = modified.split('T');
  return `${day} ${time.slice(0, 8)}.${String(nanoseconds ?? 0).padStart(9, '0')} UTC`;
}
