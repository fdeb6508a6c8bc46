import type { ReactNode } from 'react';

export interface Column<T> {
  id: string;
  title: string;
  cell: (row: T) => ReactNode;
  /** The value in an exported file; without it the column is not exported. */
  value?: (row: T) => unknown;
  /** The server's name for sorting by it. */
  sort?: string;
  /** Numbers stand at the right. */
  number?: boolean;
  /** Not shown until asked for. */
  extra?: boolean;
  /** Cannot be hidden: it says what the row is. */
  fixed?: boolean;
  /** Of the table's fixed layout; what has none shares the rest. */
  width?: string;
}

export interface Facet {
  id: string;
  title: string;
  /** Values that are always offered, in this order; others come with the server's counts. */
  values?: readonly string[];
  show?: (value: string) => ReactNode;
  /** The value as a word, where it is chosen. */
  word?: (value: string) => string;
}

export function shownColumns<T>(columns: readonly Column<T>[], chosen: readonly string[] | null): Column<T>[] {
  return columns.filter((c) => c.fixed || (chosen ? chosen.includes(c.id) : !c.extra));
}
