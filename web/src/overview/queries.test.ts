import { expect, it } from 'vitest';
import { tileAddress, tileNumber, tiles } from './queries';

const states = ['inSync', 'planned', 'fetching', 'updating', 'drifted', 'failed', 'refused', 'unreachable', 'unknown'];

it('each machine is counted in exactly one tile', () => {
  const page = { items: [], total: 45, counts: states.map((value, index) => ({ facet: 'state', value, count: index + 1 })) };
  const [all, ...rest] = tiles.map((tile) => tileNumber(tile.states, page) as number);
  expect(rest.reduce((a, b) => a + b, 0)).toBe(all);
});

it('a tile leads to the machines it counts', () => expect(tileAddress(['failed', 'refused'])).toBe('/machines?state=failed&state=refused'));
