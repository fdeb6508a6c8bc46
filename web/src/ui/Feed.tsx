import { Button, Skeleton } from '@patternfly/react-core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { Query } from '../api/client';
import type { ReadPath } from '../api/types';
import { listQuery } from '../api/queries';
import { Failure } from './Failure';
import { plural } from './format';

/** A shorter list inside another page: items one below the other, more on demand. */
export function Feed<T>({ noun, path, query, one, many, empty, children }: {
  noun: string;
  path: ReadPath;
  query: Query;
  one: string;
  many?: string;
  empty: React.ReactNode;
  children: (items: T[]) => React.ReactNode;
}) {
  const list = useInfiniteQuery(listQuery<T>(noun, path, query));
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  const total = list.data?.pages.at(-1)?.total ?? 0;
  if (list.isPending) {
    return <div className="mu-stack" aria-busy>{[70, 55, 80, 60, 75].map((w) => <Skeleton key={w} width={`${w}%`} screenreaderText={w === 70 ? 'Loading' : ''} />)}</div>;
  }
  return (
    <>
      {list.isError && <Failure what={many ?? `${one}s`} error={list.error} retry={() => void list.refetch()} />}
      {list.data && items.length === 0 && empty}
      {items.length > 0 && <p className="mu-quiet mu-below">{plural(total, one, many)}</p>}
      {items.length > 0 && children(items)}
      {list.hasNextPage && <Button variant="link" isLoading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>Show more</Button>}
    </>
  );
}
