import type { ReadPath } from '../../api/types';

/** What the address bar, the route's loader and the page must agree on about a list. */
export interface ListKind {
  /** Begins the query keys, so that events about it find it. */
  noun: string;
  /** Below /api/v1. */
  path: ReadPath;
  facets: readonly string[];
  defaults: Record<string, string | readonly string[]>;
}

export const machineList: ListKind = { noun: 'machines', path: 'machines/list', facets: ['state', 'link', 'image', 'labels'], defaults: { sort: 'name' } };
export const imageList: ListKind = { noun: 'images', path: 'images/list', facets: [], defaults: { sort: '-createdAt' } };
export const driftList: ListKind = { noun: 'drift', path: 'machines/drift', facets: ['machine'], defaults: { sort: '-at' } };
export const tokenList: ListKind = { noun: 'tokens', path: 'tokens/list', facets: [], defaults: {} };
