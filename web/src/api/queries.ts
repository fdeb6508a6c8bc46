import { QueryClient, infiniteQueryOptions, keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { Problem, read, remember, type Query } from './client';
import type { Condition, Me, Page, ReadPath } from './types';

export const client = new QueryClient({
  defaultOptions: {
    queries: {
      // The event stream says what has changed; a lost stream is followed by a full refresh.
      staleTime: 30_000,
      retry: (failures, error) => failures < 2 && error instanceof Problem && (error.status === 0 || error.status === 503),
      refetchOnWindowFocus: false,
      networkMode: 'always',
    },
  },
});

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }) => {
    const me = await read<Me>('me', {}, signal);
    remember(me);
    return me;
  },
  staleTime: Infinity,
});

export function useMe(): Me | undefined {
  return useQuery(meQuery).data;
}

/** Whether one of the patterns a person holds (`Images.*`, `*.*`) covers an operation. */
export function covers(patterns: readonly string[], operation: string): boolean {
  const [noun, verb] = operation.split('.');
  return patterns.some((pattern) => {
    const [n, v] = pattern.split('.');
    return (n === '*' || n === noun) && (v === '*' || v === verb);
  });
}

export function useCan(operation: string): boolean {
  const me = useMe();
  return me !== undefined && covers(me.grants, operation);
}

// Heartbeats raise no event, so what is looked at is asked for again now and then; what takes many answers, more seldom.
const again = 30_000;
const seldom = 120_000;

// The first page is there at once; who scrolls on wants many.
const firstPage = 200;
const furtherPages = 1000;

/** A list, page by page. `noun` begins the key, so that events about it find it. */
export function listQuery<T>(noun: string, path: ReadPath, query: Query) {
  return infiniteQueryOptions({
    queryKey: [noun, path, query],
    queryFn: ({ pageParam, signal }) => read<Page<T>>(path, { ...query, limit: pageParam ? furtherPages : firstPage, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > 2 ? seldom : again),
  });
}

export function showQuery<T>(noun: string, path: ReadPath, query: Query) {
  return queryOptions({ queryKey: [noun, path, query], queryFn: ({ signal }) => read<T>(path, query, signal), refetchInterval: again });
}

export const openConditionsQuery = showQuery<Page<Condition>>('conditions', 'conditions/list', { limit: 50 });
