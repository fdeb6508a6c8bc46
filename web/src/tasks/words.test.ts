import { describe, expect, it } from 'vitest';
import { asSentence, lasted, stepWord, taskWord } from './words';

const startedAt = '2026-11-21T09:00:00Z';
const after = (ms: number) => new Date(new Date(startedAt).getTime() + ms);

describe('how long a task took', () => {
  it('is exact when it has ended', () => expect(lasted({ startedAt, endedAt: after(1234).toISOString() }, after(99_000))).toBe('1.2 s'));
  it('counts whole seconds while it runs', () => expect([0, 2345, 59_900, 61_000].map((ms) => lasted({ startedAt }, after(ms)))).toEqual(['0 s', '2 s', '59 s', '1 min 1 s']));
  it('is not negative where the clocks differ', () => expect(lasted({ startedAt }, after(-5000))).toBe('0 s'));
  it('is nothing before it has begun', () => expect(lasted({}, after(0))).toBe(''));
});

describe('a task in words', () => {
  it('says what is taken back', () => expect(['undoing', 'undone', 'stuck', 'done'].map(taskWord)).toEqual(['taking back', 'taken back', 'not taken back', 'done']));
  it('does not call failed what was stopped or is tried again', () => {
    expect(stepWord({ state: 'failed' }, { state: 'cancelled', code: 'task.cancelled' })).toBe('cancelled');
    expect(stepWord({ state: 'running' }, { state: 'retrying' })).toBe('retrying');
    expect(stepWord({ state: 'failed' }, { state: 'failed', code: 'image.damaged' })).toBe('failed');
  });
  it('says why in a sentence', () => expect([asSentence('stopped by admin'), asSentence('It is gone.')]).toEqual(['Stopped by admin.', 'It is gone.']));
});
