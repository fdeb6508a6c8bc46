/** The bytes as text, or null if they are not. What cannot be seen is made visible, since a file may hold anything. */
export function asText(bytes: Uint8Array, whole: boolean): string | null {
  // Where the end was cut off, it may have split a character; up to three bytes of it are left out.
  for (let cut = 0; cut <= (whole ? 0 : 3) && cut <= bytes.length; cut += 1) {
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, bytes.length - cut));
      if (text.includes('\0')) return null;
      return text.replace(/[\u0001-\u0008\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069\ufeff]/gu, visible);
    } catch {
      // Tried again, shorter.
    }
  }
  return null;
}

function visible(c: string): string {
  const point = c.charCodeAt(0);
  return point < 0x20 ? String.fromCharCode(0x2400 + point) : point === 0x7f ? '\u2421' : `\\u{${point.toString(16).toUpperCase()}}`;
}

/** Sixteen bytes a line: offset, hexadecimal, text. */
export function hexLines(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const hex = row.map((b) => b.toString(16).padStart(2, '0'));
    const text = row.map((b) => (b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : '.')).join('');
    lines.push(`${at.toString(16).padStart(8, '0')}  ${hex.slice(0, 8).join(' ').padEnd(23)}  ${hex.slice(8).join(' ').padEnd(23)}  ${text}`);
  }
  return lines;
}

export interface DiffLine {
  kind: 'same' | 'removed' | 'added' | 'skipped';
  text: string;
}

const furthest = 2000;

/** The shortest list of removed and added lines (Myers), with three lines around each; null where too much differs to be read. */
export function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] | null {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  const a = before.slice(start, before.length - end);
  const b = after.slice(start, after.length - end);
  const middle = shortest(a, b);
  if (!middle) return null;
  const same = (lines: readonly string[]): DiffLine[] => lines.map((text) => ({ kind: 'same', text }));
  return around([...same(before.slice(0, start)), ...middle, ...same(before.slice(before.length - end))]);
}

function shortest(a: readonly string[], b: readonly string[]): DiffLine[] | null {
  const trace: Map<number, number>[] = [];
  let reach = new Map<number, number>([[1, 0]]);
  for (let d = 0; d <= Math.min(furthest, a.length + b.length); d += 1) {
    const next = new Map<number, number>();
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));
      let x = down ? (reach.get(k + 1) ?? 0) : (reach.get(k - 1) ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      next.set(k, x);
      if (x >= a.length && x - k >= b.length) return walkBack(a, b, [...trace, reach], d);
    }
    trace.push(reach);
    reach = next;
  }
  return null;
}

function walkBack(a: readonly string[], b: readonly string[], trace: Map<number, number>[], steps: number): DiffLine[] {
  const lines: DiffLine[] = [];
  let x = a.length;
  let y = b.length;
  for (let d = steps; d >= 0; d -= 1) {
    const reach = trace[d] as Map<number, number>;
    const k = x - y;
    const down = k === -d || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));
    const fromK = down ? k + 1 : k - 1;
    const fromX = reach.get(fromK) ?? 0;
    const fromY = fromX - fromK;
    while (x > fromX && y > fromY && x > 0 && y > 0) {
      x -= 1;
      y -= 1;
      lines.push({ kind: 'same', text: a[x] as string });
    }
    if (d === 0) break;
    if (down) lines.push({ kind: 'added', text: b[--y] as string });
    else lines.push({ kind: 'removed', text: a[--x] as string });
  }
  return lines.reverse();
}

function around(lines: readonly DiffLine[]): DiffLine[] {
  const near = new Set<number>();
  lines.forEach((line, index) => {
    if (line.kind !== 'same') for (let i = index - 3; i <= index + 3; i += 1) near.add(i);
  });
  const shown: DiffLine[] = [];
  let skipped = 0;
  const flush = () => {
    if (skipped > 0) shown.push({ kind: 'skipped', text: `${skipped} equal ${skipped === 1 ? 'line' : 'lines'}` });
    skipped = 0;
  };
  lines.forEach((line, index) => {
    if (!near.has(index)) {
      skipped += 1;
      return;
    }
    flush();
    shown.push(line);
  });
  flush();
  return shown;
}
