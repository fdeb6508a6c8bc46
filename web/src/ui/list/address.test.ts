import { describe, expect, it } from 'vitest';
import { listParameters, readState, toggled, writeState } from './address';
import type { ListKind } from './kinds';

const kind: ListKind = { noun: 'machines', path: 'machines/list', facets: ['state', 'image'], defaults: { sort: 'name', state: ['open'] } };
const read = (text: string) => readState(new URLSearchParams(text), kind);
const write = (before: string, text: string) => writeState(new URLSearchParams(before), kind, read(text)).toString();

describe('the address of a list', () => {
  it('reproduces what is shown', () => {
    const text = 'q=web&sort=-seen&state=drifted&state=failed&columns=name%2Cstate';
    expect(read(text)).toEqual({ text: 'web', sort: '-seen', facets: { state: ['drifted', 'failed'], image: [] }, columns: ['name', 'state'] });
    expect(new URLSearchParams(write('', text)).toString()).toBe(text);
  });

  it('says nothing about what is usual', () => expect(write('', '')).toBe(''));
  it('keeps what others wrote', () => expect(write('tab=drift&q=old', 'q=new')).toBe('tab=drift&q=new'));

  it('tells a cleared facet from an untouched one', () => {
    expect(read('').facets.state).toEqual(['open']);
    expect(read('state=').facets.state).toEqual([]);
    expect(write('', 'state=')).toBe('state=');
  });

  it('asks the server in one order, so that equal views share one answer', () => {
    expect(listParameters(new URLSearchParams('state=b&state=a&state=a'), kind)).toEqual({ search: '', sort: 'name', state: 'a,b', image: '' });
  });

  it('asks what its page fixes', () => expect(listParameters(new URLSearchParams('machine=other'), { ...kind, fixed: { machine: 'a' } })).toMatchObject({ machine: 'a' }));

  it('ignores facets that the list does not have', () => expect(read('colour=red').facets).toEqual({ state: ['open'], image: [] }));
  it('toggles', () => expect([toggled(['a'], 'b'), toggled(['a', 'b'], 'a')]).toEqual([['a', 'b'], ['b']]));
});
