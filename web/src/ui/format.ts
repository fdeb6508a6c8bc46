const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];

/** Sizes in powers of 1000, with three significant digits at most. */
export function bytes(value: number): string {
  let amount = value;
  let unit = 0;
  while (Math.abs(amount) >= 999.5 && unit < units.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? amount : Number(amount.toPrecision(3))} ${units[unit]}`;
}

const grouped = new Intl.NumberFormat('en-GB');

export function count(value: number): string {
  return grouped.format(value);
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** How much of something is done: `412 MB of 1.2 GB`, `3 of 14 machines`, `8 objects` of nobody knows how many; nothing where nothing is known. */
export function progressed({ done, total, unit }: { done: number; total: number; unit: string }): string {
  const amount = (value: number) => (unit === 'bytes' ? bytes(value) : count(value));
  const counted = unit === 'bytes' || !unit ? '' : ` ${unit}`;
  if (total > 0) return `${amount(done)} of ${amount(total)}${counted}`;
  return done > 0 ? `${amount(done)}${counted}` : '';
}

/** `sha256:0123…` as its first twelve digits: enough to tell two apart, short enough for a table. */
export function shortDigest(digest: string): string {
  const bare = digest.replace(/^sha256:/, '');
  return bare.length > 12 ? bare.slice(0, 12) : bare;
}

/** 0o100644 -> `-rw-r--r--`, as ls writes it. */
export function mode(kind: string, bits: number): string {
  const letter = { directory: 'd', symlink: 'l', blockDevice: 'b', characterDevice: 'c', fifo: 'p', socket: 's' }[kind] ?? '-';
  const triple = (shift: number, special: boolean, on: string, off: string) => {
    const b = (bits >> shift) & 7;
    const execute = b & 1;
    return (b & 4 ? 'r' : '-') + (b & 2 ? 'w' : '-') + (special ? (execute ? on : off) : execute ? 'x' : '-');
  };
  return letter + triple(6, (bits & 0o4000) !== 0, 's', 'S') + triple(3, (bits & 0o2000) !== 0, 's', 'S') + triple(0, (bits & 0o1000) !== 0, 't', 'T');
}

/** One value as a cell of CSV; a leading sign is disarmed, since spreadsheets run formulas. */
export function csvCell(value: unknown): string {
  let text = value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
  if (typeof value === 'string' && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
