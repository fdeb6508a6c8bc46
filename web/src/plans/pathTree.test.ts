import { describe, expect, it } from 'vitest';
import type { ImageDifference } from '../api/types';
import { facetsBecome, pathTree, whatBecomes, type PathNode } from './pathTree';

const change = (shown: string, more: Partial<ImageDifference> = {}): ImageDifference => ({ path: shown, shown, kind: 'changed', facets: ['content'], ...more });
const drawn = (nodes: PathNode[], depth = 0): string[] => nodes.flatMap((n) => [`${' '.repeat(depth)}${n.name} ${n.count}`, ...drawn(n.children, depth + 1)]);

describe('the tree of changed paths', () => {
  it('gathers by directory and says how much is below', () =>
    expect(drawn(pathTree([change('/etc/hosts'), change('/etc/ssh/a'), change('/etc/ssh/b'), change('/srv/x')]))).toEqual(['etc 3', ' hosts 1', ' ssh 2', '  a 1', '  b 1', 'srv/x 1']));

  it('folds directories in which nothing branches off', () => expect(drawn(pathTree([change('/usr/share/doc/a/b')]))).toEqual(['usr/share/doc/a/b 1']));

  it('keeps a directory that changes itself beside what changes in it', () =>
    expect(drawn(pathTree([change('/etc'), change('/etc/hosts')]))).toEqual(['etc 2', ' hosts 1']));

  it('has a place for the root itself', () => expect(drawn(pathTree([change('/')]))).toEqual(['/ 1']));

  it('says what happens to the machine, not to the image', () =>
    expect(['removed', 'added', 'changed'].map((kind) => whatBecomes(change('/x', { kind })))).toEqual(['created', 'deleted', 'changed']));

  it('says what becomes what, from the machine to the image', () => {
    const entry = { path: '/x', name: 'x', kind: 'file', mode: '0644', uid: 0, gid: 0, xattrs: [], hardLinks: 1 };
    expect(facetsBecome(change('/x', { facets: ['content', 'mode', 'owner'], from: { ...entry, mode: '0755' }, to: { ...entry, uid: 7 } }))).toBe('content, mode 0644 → 0755, owner 7:0 → 0:0');
  });
});
