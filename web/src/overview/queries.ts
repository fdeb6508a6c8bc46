import type { QueryClient } from '@tanstack/react-query';
import { listQuery, openConditionsQuery, showQuery } from '../api/queries';
import type { Drift, MachineSummary, Page, ReadPath } from '../api/types';

/** Asks only for a number: one row of a filtered list, and its total. */
const total = (noun: string, path: ReadPath, query: Record<string, string>) => showQuery<Page<unknown>>(noun, path, { ...query, limit: 1 });

export const tiles = [
  { id: 'all', title: 'machines', to: '/machines', query: total('machines', 'machines/list', {}) },
  { id: 'inSync', title: 'in sync', to: '/machines?state=inSync', query: total('machines', 'machines/list', { state: 'inSync' }) },
  { id: 'moving', title: 'updating', to: '/machines?state=planned&state=fetching&state=updating', query: total('machines', 'machines/list', { state: 'planned,fetching,updating' }) },
  { id: 'drifted', title: 'drifted', to: '/machines?state=drifted', query: total('machines', 'machines/list', { state: 'drifted' }) },
  { id: 'failed', title: 'failed', to: '/machines?state=failed&state=refused', query: total('machines', 'machines/list', { state: 'failed,refused' }) },
  { id: 'unreachable', title: 'unreachable', to: '/machines?link=unreachable', query: total('machines', 'machines/list', { link: 'unreachable' }) },
] as const;

export const troubledQuery = showQuery<Page<MachineSummary>>('machines', 'machines/list', { state: 'failed,refused,drifted', limit: 8 });
export const driftQuery = listQuery<Drift>('drift', 'machines/drift', {});
export const imagesQuery = showQuery<Page<unknown>>('images', 'images/list', { limit: 1 });

export function startOverview(client: QueryClient): void {
  for (const tile of tiles) void client.prefetchQuery(tile.query);
  void client.prefetchQuery(troubledQuery);
  void client.prefetchQuery(openConditionsQuery);
  void client.prefetchQuery(imagesQuery);
  void client.prefetchInfiniteQuery(driftQuery);
}
