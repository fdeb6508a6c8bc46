import { describe, expect, it } from 'vitest';
import { asText, diffLines, hexLines } from './content';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('the content of a file', () => {
  it('is text where it can be', () => expect(asText(bytes('Grüße\n'), true)).toBe('Grüße\n'));
  it('is text although the end was cut off within a character', () => expect(asText(bytes('aß').subarray(0, 2), false)).toBe('a'));
  it('loses no byte of a whole file', () => expect(asText(Uint8Array.of(0x63, 0x61, 0x66, 0xe9), true)).toBeNull());
  it('shows how its lines end', () => expect(asText(bytes('a\r\nb\n'), true)).toBe('a\u240d\nb\n'));
  it('is bytes where it is not', () => {
    expect(asText(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0), true)).toBeNull();
    expect(asText(Uint8Array.of(0xff, 0xfe, 0x41, 0x42, 0x43), true)).toBeNull();
  });
  it('makes visible what would act', () => expect(asText(bytes('a\u001b[31m\u202e'), true)).toBe('a\u241b[31m\\u{202E}'));
  it('shows bytes sixteen to a line', () => expect(hexLines(bytes('0123456789abcdefX'))).toEqual([
    '00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  0123456789abcdef',
    '00000010  58                                                X',
  ]));
});

describe('the difference of two texts', () => {
  const lines = (text: string) => text.split('');
  const short = (before: string, after: string) => diffLines(lines(before), lines(after))?.map((l) => ({ same: ' ', removed: '-', added: '+', skipped: '@' })[l.kind] + l.text);

  it('is the shortest there is', () => expect(short('abcabba', 'cbabac')?.filter((l) => !l.startsWith(' '))).toHaveLength(5));
  it('leaves out what is far away', () => expect(short('123456789', '12345678x')).toEqual(['@5 equal lines', ' 6', ' 7', ' 8', '-9', '+x']));
  it('is empty where nothing differs', () => expect(short('abc', 'abc')).toEqual(['@3 equal lines']));
  it('rebuilds both sides, whatever they are', () => {
    let seed = 7;
    const random = (n: number) => (seed = (seed * 48271) % 2147483647) % n;
    for (let round = 0; round < 300; round += 1) {
      const make = () => Array.from({ length: random(12) }, () => 'abc'[random(3)] as string);
      const [before, after] = [make(), make()];
      const diff = diffLines(before.map((l, i) => `${l}${i > 99 ? i : ''}`), after);
      const whole = diff?.every((l) => l.kind !== 'skipped');
      if (!diff || !whole) continue;
      expect(diff.filter((l) => l.kind !== 'added').map((l) => l.text)).toEqual(before);
      expect(diff.filter((l) => l.kind !== 'removed').map((l) => l.text)).toEqual(after);
    }
  });
  it('gives up where nobody could read it', () => {
    expect(diffLines(Array.from({ length: 3000 }, (_, i) => `a${i}`), Array.from({ length: 3000 }, (_, i) => `b${i}`))).toBeNull();
  });
});
