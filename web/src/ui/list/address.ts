import type { Query } from '../../api/client';
import type { ListKind } from './kinds';

/** Everything that decides what a list shows. It lives in the address, so that a link shows the same. */
export interface ListState {
  text: string;
  sort: string;
  facets: Record<string, readonly string[]>;
  /** Null: the usual columns. */
  columns: readonly string[] | null;
}

export function readState(search: URLSearchParams, kind: ListKind): ListState {
  const facets: Record<string, readonly string[]> = {};
  for (const facet of kind.facets) {
    const preset = kind.defaults[facet];
    // An empty value stands for "cleared on purpose", which differs from "never touched".
    const values = search.has(facet) ? search.getAll(facet).filter(Boolean) : Array.isArray(preset) ? preset : [];
    facets[facet] = [...new Set<string>(values)].sort();
  }
  return {
    text: search.get('q') ?? '',
    sort: search.get('sort') ?? String(kind.defaults.sort ?? ''),
    facets,
    columns: search.get('columns')?.split(',').filter(Boolean) ?? null,
  };
}

/** Writes a state back; what is usual is left out, and what others keep in the address stays. */
export function writeState(search: URLSearchParams, kind: ListKind, state: ListState): URLSearchParams {
  const result = new URLSearchParams(search);
  for (const name of ['q', 'sort', 'columns', ...kind.facets]) result.delete(name);
  if (state.text) result.set('q', state.text);
  if (state.sort !== String(kind.defaults.sort ?? '')) result.set('sort', state.sort);
  for (const facet of kind.facets) {
    const values = [...(state.facets[facet] ?? [])].sort();
    const preset = kind.defaults[facet];
    const usual = Array.isArray(preset) ? [...(preset as readonly string[])].sort() : [];
    if (values.join('\0') === usual.join('\0')) continue;
    if (values.length === 0) result.append(facet, '');
    for (const value of values) result.append(facet, value);
  }
  if (state.columns) result.set('columns', state.columns.join(','));
  return result;
}

/** What the server is asked. */
export function listParameters(search: URLSearchParams, kind: ListKind): Query {
  return parametersOf(readState(search, kind), kind);
}

export function parametersOf(state: ListState, kind: ListKind): Query {
  const facets = Object.entries(state.facets).map(([facet, values]) => [facet, values.join(',')]);
  return { search: state.text, sort: state.sort, ...Object.fromEntries(facets), ...kind.fixed };
}

export function isFiltered(state: ListState): boolean {
  return state.text !== '' || Object.values(state.facets).some((values) => values.length > 0);
}

export function toggled(values: readonly string[], value: string): string[] {
  return values.includes(value) ? values.filter((v) => v !== value) : [...values, value];
}
