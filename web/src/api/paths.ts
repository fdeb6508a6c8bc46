import type { PathBytes } from './types';

const encoder = new TextEncoder();

export function bytesOf(path: PathBytes): Uint8Array {
  if (typeof path === 'string') return encoder.encode(path);
  const binary = atob(path.base64);
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

/** Bytes back to what JSON carries: a string where they are valid UTF-8. */
export function pathOf(bytes: Uint8Array): PathBytes {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { base64: btoa(String.fromCharCode(...bytes)) };
  }
}

/** A name below a directory. */
export function join(directory: PathBytes, name: PathBytes): PathBytes {
  const a = bytesOf(directory);
  const b = bytesOf(name);
  const slash = a.length > 0 && a[a.length - 1] === 0x2f ? 0 : 1;
  const joined = new Uint8Array(a.length + slash + b.length);
  joined.set(a);
  if (slash) joined[a.length] = 0x2f;
  joined.set(b, a.length + slash);
  return pathOf(joined);
}

// Controls, separators, and the marks that turn the direction of the text after them:
// a name must not be able to rearrange the sentence it stands in.
const dangerous = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/u;

/** How a path is shown: `\xE9` for a byte that is not text, `\n` for a line break, `\\` for a backslash. */
export function escapePath(path: PathBytes): string {
  if (typeof path === 'string') return [...path].map(escapeCharacter).join('');
  const bytes = bytesOf(path);
  let shown = '';
  for (let i = 0; i < bytes.length; ) {
    const length = sequenceLength(bytes, i);
    if (length === 0) {
      shown += hex(bytes[i] as number);
      i += 1;
    } else {
      shown += escapeCharacter(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(i, i + length)));
      i += length;
    }
  }
  return shown;
}

/** The inverse of escapePath, so that a path can stand in an address bar. */
export function unescapePath(shown: string): PathBytes {
  const bytes: number[] = [];
  const pattern = /\\(?:x([0-9A-Fa-f]{2})|u\{([0-9A-Fa-f]{1,6})\}|([\\nrt]))|([^\\]|\\)/gu;
  for (const [, byte, point, short, plain] of shown.matchAll(pattern)) {
    if (byte) bytes.push(parseInt(byte, 16));
    else if (point) bytes.push(...encoder.encode(String.fromCodePoint(parseInt(point, 16))));
    else if (short) bytes.push({ '\\': 0x5c, n: 0x0a, r: 0x0d, t: 0x09 }[short] as number);
    else bytes.push(...encoder.encode(plain));
  }
  return pathOf(Uint8Array.from(bytes));
}

function escapeCharacter(c: string): string {
  if (c === '\\') return '\\\\';
  if (c === '\n') return '\\n';
  if (c === '\r') return '\\r';
  if (c === '\t') return '\\t';
  if (!dangerous.test(c)) return c;
  const point = c.codePointAt(0) as number;
  return point < 0x80 ? hex(point) : `\\u{${point.toString(16).toUpperCase()}}`;
}

function hex(byte: number): string {
  return `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number;
  const length = first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(at, at + length));
    return length;
  } catch {
    return 0;
  }
}

/** How a path travels in a query: plain where nothing could be mistaken, else its bytes. */
export function pathArgument(path: PathBytes): string {
  if (typeof path === 'string' && /^[\x20-\x5b\x5d-\x7e]*$/.test(path)) return path;
  return `base64:${btoa(String.fromCharCode(...bytesOf(path)))}`;
}

/** The names on the way to a path, each with the path that leads to it. */
export function ancestors(path: PathBytes): { name: PathBytes; path: PathBytes }[] {
  const bytes = bytesOf(path);
  const result: { name: PathBytes; path: PathBytes }[] = [];
  let from = 0;
  for (let i = 0; i <= bytes.length; i += 1) {
    if (i < bytes.length && bytes[i] !== 0x2f) continue;
    if (i > from) result.push({ name: pathOf(bytes.slice(from, i)), path: pathOf(bytes.slice(0, i)) });
    from = i + 1;
  }
  return result;
}
