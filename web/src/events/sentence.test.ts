import { describe, expect, it } from 'vitest';
import { sentence } from './sentence';

describe('an event as a sentence', () => {
  it('says who wanted what', () => {
    expect(sentence({ kind: 'machine.changed', data: { name: 'a', requiredImage: 'web/2', by: 'admin' } })).toBe('admin required web/2.');
    expect(sentence({ kind: 'machine.changed', data: { name: 'a', by: 'admin' } })).toBe('admin changed what is wanted of it.');
  });
  it('says how the machine is', () => {
    expect(sentence({ kind: 'machine.changed', data: { name: 'a', state: 'inSync', why: 'It is exactly like web/2.' } })).toBe('It is in sync: It is exactly like web/2.');
    expect(sentence({ kind: 'machine.changed', data: { name: 'a', link: 'unreachable' } })).toBe('It is unreachable.');
  });
  it('keeps the drift sentence and says how many more came with it', () =>
    expect(sentence({ kind: 'machine.drifted', data: { sentence: 'Restored /etc/motd 9 ms after vim (alice) changed it.', count: 3 } })).toBe('Restored /etc/motd 9 ms after vim (alice) changed it. And 2 more.'));
  it('says what it does not know as it came', () => expect(sentence({ kind: 'machine.danced', data: { steps: 3 } })).toBe('machine danced: {"steps":3}'));
});
