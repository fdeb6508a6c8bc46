import { read, type Query } from '../../api/client';
import type { Page } from '../../api/types';
import { csvCell } from '../format';
import type { Column } from './columns';
import type { ListKind } from './kinds';

/** Every row that matches, however many pages that takes. */
export async function readAll<T>(kind: ListKind, parameters: Query, signal?: AbortSignal): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await read<Page<T>>(kind.path, { ...parameters, limit: 1000, cursor }, signal);
    rows.push(...page.items);
    cursor = page.next ?? null;
  } while (cursor);
  return rows;
}

export function csv<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  const exported = columns.filter((c) => c.value);
  const lines = [exported.map((c) => csvCell(c.title)), ...rows.map((row) => exported.map((c) => csvCell(c.value?.(row))))];
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
}

export function save(name: string, type: string, content: BlobPart): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
