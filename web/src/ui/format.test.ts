import { describe, expect, it } from 'vitest';
import { bytes, csvCell, mode, progressed, shortDigest } from './format';
import { exact, relative, took } from './time';

const now = new Date('2026-11-21T09:00:00Z');
const ago = (ms: number) => relative(new Date(now.getTime() - ms), now);

describe('times', () => {
  it('say how old a fact is in one unit', () => {
    expect([ago(0), ago(12_900), ago(61_000), ago(3_599_000), ago(5 * 3_600_000), ago(86_400_000), ago(3 * 86_400_000), ago(100 * 86_400_000)])
      .toEqual(['just now', '12 s ago', '1 min ago', '59 min ago', '5 h ago', '1 day ago', '3 days ago', '3 months ago']);
  });
  it('forgive a clock that is a second ahead', () => expect(ago(-1500)).toBe('just now'));
  it('speak of the future', () => expect(ago(-40 * 60_000)).toBe('in 40 min'));
  it('name the zone', () => expect(exact(now, 'UTC')).toBe('2026-11-21 09:00:00 UTC'));
  it('at midnight are not hour 24', () => expect(exact(new Date('2026-11-21T00:00:00Z'), 'UTC')).toContain(' 00:00:00'));
  it('measure durations as people say them', () => {
    expect([took(0.4), took(14.2), took(1234), took(42_400), took(184_000), took(7_200_000)])
      .toEqual(['under 1 ms', '14 ms', '1.2 s', '42 s', '3 min 4 s', '2 h']);
  });
});

describe('numbers', () => {
  it('carry their unit', () => expect([bytes(0), bytes(999), bytes(1000), bytes(1_234_567), bytes(999_999), bytes(1.2e9)])
    .toEqual(['0 B', '999 B', '1 KB', '1.23 MB', '1 MB', '1.2 GB']));
  it('show digests short', () => expect(shortDigest(`sha256:${'0123456789abcdef'.repeat(4)}`)).toBe('0123456789ab'));
  it('show modes as ls does', () => {
    expect(mode('file', 0o644)).toBe('-rw-r--r--');
    expect(mode('file', 0o4755)).toBe('-rwsr-xr-x');
    expect(mode('directory', 0o1777)).toBe('drwxrwxrwt');
    expect(mode('file', 0o2644)).toBe('-rw-r-Sr--');
  });
});

describe('CSV', () => {
  it('quotes what needs it', () => expect(csvCell('a "b", c')).toBe('"a ""b"", c"'));
  it('disarms formulas', () => expect(csvCell('=HYPERLINK("x")')).toBe('"\'=HYPERLINK(""x"")"'));
  it('leaves negative numbers alone', () => expect(csvCell(-3)).toBe('-3'));
});

describe('progress', () => {
  it('says how much of how much', () => {
    expect(progressed({ done: 412_000_000, total: 1_204_000_000, unit: 'bytes' })).toBe('412 MB of 1.2 GB');
    expect(progressed({ done: 412, total: 1204, unit: 'objects' })).toBe('412 of 1,204 objects');
  });
  it('says only what is known', () => {
    expect(progressed({ done: 8, total: 0, unit: 'objects' })).toBe('8 objects');
    expect(progressed({ done: 0, total: 0, unit: '' })).toBe('');
  });
});
