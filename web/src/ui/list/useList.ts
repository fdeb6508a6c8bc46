import { useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useRef, useState } from 'react';
import { useSearchParams } from 'react-router';
import { listQuery } from '../../api/queries';
import { parametersOf, readState, writeState, type ListState } from './address';
import { arrange, type Arrangement } from './arrange';
import type { ListKind } from './kinds';

/** A list's state in the address, and its rows, live. */
export function useList<T>(kind: ListKind, id: (row: T) => string, signature: (row: T) => string) {
  const [search, setSearch] = useSearchParams();
  const state = useMemo(() => readState(search, kind), [search, kind]);
  const parameters = useMemo(() => parametersOf(state, kind), [state, kind]);
  const query = useInfiniteQuery(listQuery<T>(kind.noun, kind.path, parameters));

  const setState = useCallback((change: Partial<ListState>) => {
    setSearch((before) => writeState(before, kind, { ...readState(before, kind), ...change }), { replace: 'text' in change });
  }, [setSearch, kind]);

  // The person's "show" begins a new order of the same question.
  const [generation, setGeneration] = useState(0);
  const held = useRef<Arrangement<T> | null>(null);
  const asked = JSON.stringify(parameters) + generation;
  const arrangement = useMemo(() => {
    if (!query.data) return null;
    const key = query.isPlaceholderData && held.current ? held.current.key : asked;
    held.current = arrange(held.current, key, query.data.pages, id, signature);
    return held.current;
  }, [query.data, query.isPlaceholderData, asked, id, signature]);

  return {
    state,
    setState,
    parameters,
    query,
    arrangement,
    showNew: useCallback(() => setGeneration((n) => n + 1), []),
  };
}
