const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** How long ago, in one unit: `12 s ago`, `3 min ago`, `5 h ago`, `2 days ago`, `in 40 min`. */
export function relative(then: Date, now: Date): string {
  const past = now.getTime() - then.getTime();
  // Clocks differ a little; what has just happened is not "in the future".
  if (past > -2 * second && past < 2 * second) return 'just now';
  const text = amount(Math.abs(past));
  return past < 0 ? `in ${text}` : `${text} ago`;
}

function amount(length: number): string {
  if (length < minute) return `${Math.floor(length / second)} s`;
  if (length < hour) return `${Math.floor(length / minute)} min`;
  if (length < day) return `${Math.floor(length / hour)} h`;
  const days = Math.floor(length / day);
  if (days < 60) return days === 1 ? '1 day' : `${days} days`;
  if (days < 730) return `${Math.floor(days / 30.44)} months`;
  return `${Math.floor(days / 365.25)} years`;
}

/** `2026-11-21 09:12:10 CET`: the person's zone, and says so. */
export function exact(then: Date, zone?: string): string {
  const part = (type: string) => parts.find((p) => p.type === type)?.value ?? '';
  const parts = new Intl.DateTimeFormat('en-GB', {
    year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
    hour12: false, timeZoneName: 'short', ...(zone ? { timeZone: zone } : {}),
  }).formatToParts(then);
  return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}:${part('second')} ${part('timeZoneName')}`;
}

/** How long something took: `14 ms`, `1.2 s`, `3 min 4 s`. */
export function took(milliseconds: number): string {
  if (milliseconds < 1) return 'under 1 ms';
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 10_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  if (milliseconds < minute) return `${Math.round(milliseconds / 1000)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min${seconds % 60 ? ` ${seconds % 60} s` : ''}`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h${minutes % 60 ? ` ${minutes % 60} min` : ''}`;
}
