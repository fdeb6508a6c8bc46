import { describe, expect, it } from 'vitest';
import type { Task } from '../api/types';
import { told } from './told';

const task = (id: string): Task => ({ id, kind: 'Images.Verify', title: id, state: 'running', progress: { done: 0, total: 0, unit: '' }, createdAt: '', createdBy: 'a', mayUndo: false });
const event = { subject: 'tsk_1', data: { done: 3, total: 9, unit: 'bytes', text: 'x', lines: 7 } };
const progress = { done: 3, total: 9, unit: 'bytes', text: 'x' };

describe('news of a running task', () => {
  it('reach the task and the length of its log', () =>
    expect(told({ summary: task('tsk_1'), steps: [], logLines: 1 }, event)).toEqual({ summary: { ...task('tsk_1'), progress }, steps: [], logLines: 7 }));
  it('reach lists, also those read page by page', () => {
    expect(told({ items: [task('tsk_0'), task('tsk_1')], total: 2 }, event)).toMatchObject({ items: [{ progress: { done: 0 } }, { progress }] });
    expect(told({ pages: [{ items: [task('tsk_0')] }, { items: [task('tsk_1')] }] }, event)).toMatchObject({ pages: [{ items: [{ progress: { done: 0 } }] }, { items: [{ progress }] }] });
  });
  it('leave alone what they do not concern', () => {
    for (const answer of [undefined, { items: [task('tsk_2')] }, { pages: [{ items: [task('tsk_2')] }] }, { summary: task('tsk_2') }]) expect(told(answer, event)).toBe(answer);
    const pages = [{ items: [task('tsk_0')] }, { items: [task('tsk_1')] }];
    expect((told({ pages }, event) as { pages: unknown[] }).pages[0]).toBe(pages[0]);
  });
  it('forget the text that is no longer told', () => {
    const before = { ...task('tsk_1'), progress };
    expect(told({ items: [before] }, { ...event, data: { done: 9, total: 9, unit: 'bytes', lines: 7 } })).toMatchObject({ items: [{ progress: { done: 9, total: 9, unit: 'bytes' } }] });
    expect(JSON.stringify(told({ items: [before] }, { ...event, data: { done: 9, total: 9, unit: 'bytes', lines: 7 } }))).not.toContain('text');
  });
});
