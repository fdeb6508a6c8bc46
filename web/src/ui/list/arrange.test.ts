import { describe, expect, it } from 'vitest';
import { arrange } from './arrange';

interface Row { id: string; state: string; seen?: number }
const row = (id: string, state = 'in sync', seen = 0): Row => ({ id, state, seen });
const page = (...items: Row[]) => ({ items, total: 10 });
const step = (before: ReturnType<typeof arrange<Row>> | null, key: string, ...pages: { items: Row[]; total: number }[]) =>
  arrange<Row>(before, key, pages, (r) => r.id, (r) => r.state);

describe('a live list', () => {
  const first = step(null, 'k', page(row('a'), row('b')));

  it('keeps every row in its place when the server would sort it elsewhere', () => {
    expect(step(first, 'k', page(row('b', 'drifted'), row('a'))).order).toEqual(['a', 'b']);
  });

  it('shows new values where the row stands, and flashes it once', () => {
    const second = step(first, 'k', page(row('a', 'drifted'), row('b')));
    expect(second.rows.get('a')?.state).toBe('drifted');
    expect([...second.flashes]).toEqual([['a', 1]]);
    expect([...step(second, 'k', page(row('a', 'drifted'), row('b'))).flashes]).toEqual([['a', 1]]);
  });

  it('does not flash for what changes all the time', () => expect(step(first, 'k', page(row('a', 'in sync', 9), row('b'))).flashes.size).toBe(0));

  it('only counts rows that arrive in between', () => {
    const second = step(first, 'k', page(row('0'), row('a'), row('b')));
    expect([second.order, second.arrived]).toEqual([['a', 'b'], 1]);
  });

  it('appends further pages', () => expect(step(first, 'k', page(row('a'), row('b')), page(row('c'))).order).toEqual(['a', 'b', 'c']));

  it('keeps a vanished row, marked, until the person asks for the present', () => {
    const second = step(first, 'k', page(row('b')));
    expect([second.order, [...second.gone]]).toEqual([['a', 'b'], ['a']]);
  });

  it('does not call gone what new rows pushed over the edge of the answer', () => {
    const edged = (...items: Row[]) => ({ ...page(...items), next: 'more' });
    const full = step(null, 'k', edged(row('a'), row('b'), row('c')));
    const pushed = step(full, 'k', edged(row('new'), row('a'), row('b')));
    expect([pushed.order, [...pushed.gone], pushed.arrived]).toEqual([['a', 'b', 'c'], [], 1]);
    const deleted = step(full, 'k', edged(row('b'), row('c'), row('d')));
    expect([...deleted.gone]).toEqual(['a']);
  });

  it('appends what comes last, since that moves nothing', () => expect(step(first, 'k', page(row('a'), row('b'), row('z'))).order).toEqual(['a', 'b', 'z']));

  it('shows the first row of an empty list at once', () => expect(step(step(null, 'k', page()), 'k', page(row('a'))).order).toEqual(['a']));

  it('is empty when everything has gone', () => expect(step(first, 'k', page()).order).toEqual([]));

  it('starts afresh for another question', () => expect(step(first, 'other', page(row('z'))).order).toEqual(['z']));
});
