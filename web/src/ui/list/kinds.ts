import type { Query } from '../../api/client';
import type { ReadPath } from '../../api/types';

/** What the address bar, the route's loader and the page must agree on about a list. */
export interface ListKind {
  /** Begins the query keys, so that events about it find it. */
  noun: string;
  /** Below /api/v1. */
  path: ReadPath;
  facets: readonly string[];
  defaults: Record<string, string | readonly string[]>;
  /** What is always asked, such as the machine on whose page the list stands. */
  fixed?: Query;
}

export const machineList: ListKind = { noun: 'machines', path: 'machines/list', facets: ['state', 'link', 'image', 'labels'], defaults: { sort: 'name' } };
export const imageList: ListKind = { noun: 'images', path: 'images/list', facets: ['required', 'createdBy'], defaults: { sort: '-createdAt' } };
export const driftList: ListKind = { noun: 'drift', path: 'machines/drift', facets: ['machine', 'outcome'], defaults: { sort: '-at' } };
export const conditionList: ListKind = { noun: 'conditions', path: 'conditions/list', facets: ['severity', 'machine'], defaults: { sort: 'severity' } };
export const taskList: ListKind = { noun: 'tasks', path: 'tasks/list', facets: ['state', 'kind', 'createdBy'], defaults: { sort: '-createdAt' } };
export const tokenList: ListKind = { noun: 'tokens', path: 'tokens/list', facets: [], defaults: {} };

// Lists on the page of an object.
export const machineDrift = (machine: string): ListKind => ({ ...driftList, facets: ['outcome'], fixed: { machine } });
export const machineDifferences = (machine: string): ListKind => ({ noun: 'machines', path: 'machines/differences', facets: ['kind'], defaults: {}, fixed: { machine } });
export const imageDifferences = (from: string, to: string): ListKind => ({ noun: 'images', path: 'images/diff', facets: ['kind'], defaults: {}, fixed: { from, to } });
export const directoryEntries = (image: string, path: string): ListKind => ({ noun: 'images', path: 'images/browse', facets: ['kind'], defaults: {}, fixed: { image, path } });
export const eventsAbout = (subject: string, kind?: string): ListKind => ({ noun: 'events', path: 'events/list', facets: kind ? [] : ['kind'], defaults: {}, fixed: { subject, ...(kind ? { kind } : {}) } });
