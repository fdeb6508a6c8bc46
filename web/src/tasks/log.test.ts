import { describe, expect, it } from 'vitest';
import type { TaskLine } from '../api/types';
import { logRows, logText, matching, parts } from './log';

const steps = [{ number: 1, title: 'Read' }, { number: 2, title: 'Tell' }];
const line = (number: number, step: number, text: string, level = 'info'): TaskLine => ({ number, step, text, level, time: '2026-11-21T09:00:00Z' });
const lines = [line(1, 1, 'Begun'), line(2, 1, '3 damaged', 'error'), line(3, 2, 'begun again')];

describe('a log', () => {
  it('names a step where it begins to speak', () => expect(logRows(lines, steps).map((row) => ('step' in row ? row.step : row.line.number))).toEqual(['Read', 1, 2, 'Tell', 3]));
  it('keeps what a step says that nobody knows', () => expect(logRows([line(1, 9, 'x')], steps)).toHaveLength(1));
  it('is searched without regard to case', () => {
    expect(matching(logRows(lines, steps), 'BEGUN')).toEqual([1, 4]);
    expect(matching(logRows(lines, steps), '')).toEqual([]);
  });
  it('marks each place of what is searched', () => {
    expect(parts('Begun, begun', 'begun')).toEqual(['', 'Begun', ', ', 'begun', '']);
    expect(parts('İ begun', 'begun')).toEqual(['İ begun']);
    expect(parts('a', '')).toEqual(['a']);
  });
  it('is a text with a line for each', () =>
    expect(logText(lines.slice(1), steps)).toBe('2026-11-21T09:00:00Z error   Read: 3 damaged\n2026-11-21T09:00:00Z info    Tell: begun again\n'));
});
