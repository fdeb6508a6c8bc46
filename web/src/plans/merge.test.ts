import { describe, expect, it } from 'vitest';
import type { Plan } from '../api/types';
import { commandLine, merge, quoted } from './merge';

const plan = (machine: string, bytes: number): Plan => ({
  hash: machine, operation: 'Machines.RequireImage', sentence: '', arguments: {}, basis: [], createdAt: '', expiresAt: '',
  warnings: ['Services restart.'],
  effects: [{ name: 'bytes', label: 'To move', value: bytes, unit: 'bytes', forecast: true }],
  changes: [{ action: 'change', object: { kind: 'machine', id: machine, name: machine }, members: [] }],
});

describe('several plans', () => {
  it('add up', () => {
    const merged = merge([plan('a', 3), plan('b', 4)]);
    expect(merged.effects).toEqual([{ name: 'bytes', label: 'To move', value: 7, unit: 'bytes', forecast: true }]);
    expect(merged.warnings).toEqual(['Services restart. (2 times)']);
    expect(merged.changes).toHaveLength(2);
  });
});

describe('the command line', () => {
  it('says the same as the page', () => {
    expect(commandLine('machines/require-image', { machine: 'web-1', image: 'base/1' })).toBe('muster machines require-image web-1 base/1 --yes');
    expect(commandLine('machines/require-image', { machine: 'web-1', image: null })).toBe('muster machines require-image web-1 --none --yes');
    expect(commandLine('machines/edit', { machine: 'a', mode: 'monitor', labels: { role: 'web', env: 'a b' } })).toBe("muster machines edit a --mode monitor --labels role=web 'env=a b' --yes");
  });
  it('names a task by its place', () => expect(commandLine('tasks/cancel', { task: 'tsk_1' })).toBe('muster tasks cancel tsk_1 --yes'));
  it('repeats what may be given several times', () => expect(commandLine('tokens/add', { name: 'ci', operations: ['Images.*', 'Objects.*'], days: 30 })).toBe("muster tokens add ci --operations 'Images.*' 'Objects.*' --days 30 --yes"));
  it('never holds a password', () => expect(commandLine('users/change-password', { current: 'old secret', new: 'new secret' })).toBe('muster users change-password'));
  it('is safe to paste', () => expect(quoted("a'; rm -rf /; '")).toBe(`'a'\\''; rm -rf /; '\\'''`));
  it('leaves out what was not said', () => expect(commandLine('machines/edit', { machine: 'a', name: null })).toBe('muster machines edit a --yes'));
});
