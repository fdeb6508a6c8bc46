import type { QueryClient } from '@tanstack/react-query';
import { listQuery, openConditionsQuery, showQuery } from '../api/queries';
import type { Drift, MachineSummary, Page } from '../api/types';

/** All numbers of the board in one answer: how many machines are shown in each state. */
export const numbersQuery = showQuery<Page<unknown>>('machines', 'machines/list', { limit: 1, counts: 'state' });

/** Every machine is in exactly one of the tiles behind the first, so that they add up. */
export const tiles: readonly { id: string; title: string; states: readonly string[] }[] = [
  { id: 'all', title: 'machines', states: [] },
  { id: 'inSync', title: 'in sync', states: ['inSync'] },
  { id: 'moving', title: 'updating', states: ['planned', 'fetching', 'updating'] },
  { id: 'drifted', title: 'drifted', states: ['drifted'] },
  { id: 'failed', title: 'failed', states: ['failed', 'refused'] },
  { id: 'unreachable', title: 'unreachable', states: ['unreachable'] },
  { id: 'unknown', title: 'unknown', states: ['unknown'] },
];

export const tileAddress = (states: readonly string[]) => `/machines${states.length > 0 ? `?${new URLSearchParams(states.map((state) => ['state', state]))}` : ''}`;

export function tileNumber(states: readonly string[], page: Page<unknown> | undefined): number | undefined {
  if (!page || states.length === 0) return page?.total;
  return (page.counts ?? []).filter((one) => states.includes(one.value)).reduce((sum, one) => sum + one.count, 0);
}

/** What is not as wanted and does not move by itself. */
export const troubledStates = ['failed', 'refused', 'drifted', 'unreachable', 'unknown'];
export const troubledQuery = showQuery<Page<MachineSummary>>('machines', 'machines/list', { state: troubledStates.join(','), limit: 8 });
export const driftQuery = listQuery<Drift>('drift', 'machines/drift', {});

export function startOverview(client: QueryClient): void {
  void client.prefetchQuery(numbersQuery);
  void client.prefetchQuery(troubledQuery);
  void client.prefetchQuery(openConditionsQuery);
  void client.prefetchInfiniteQuery(driftQuery);
}
