/** Rows on screen, in an order that only the person changes. */
export interface Arrangement<T> {
  key: string;
  pages: number;
  order: readonly string[];
  rows: ReadonlyMap<string, T>;
  /** Rows that are no longer where they were: deleted, or out of the filter. */
  gone: ReadonlySet<string>;
  /** How many rows there would be more. */
  arrived: number;
  total: number;
  /** Counts changes per row; each new number flashes once. */
  flashes: ReadonlyMap<string, number>;
}

/**
 * Fits fresh pages into what is on screen. A row never moves under the pointer: known rows keep their place and
 * take their new values, what belongs at the end is appended, and rows that came in between are only counted.
 */
export function arrange<T>(
  before: Arrangement<T> | null,
  key: string,
  pages: readonly { items: readonly T[]; total: number; next?: string }[],
  id: (row: T) => string,
  signature: (row: T) => string,
): Arrangement<T> {
  const fresh = new Map<string, T>();
  for (const page of pages) for (const row of page.items) fresh.set(id(row), row);
  const total = pages.at(-1)?.total ?? 0;

  // Where nothing of what is shown is left, nothing can move.
  if (!before || before.key !== key || !before.order.some((one) => fresh.has(one))) {
    return { key, pages: pages.length, order: [...fresh.keys()], rows: fresh, gone: new Set(), arrived: 0, total, flashes: new Map() };
  }

  const shown = new Set(before.order);
  const order = [...before.order];
  for (const page of pages.slice(before.pages)) {
    for (const row of page.items) {
      if (!shown.has(id(row))) order.push(id(row));
      shown.add(id(row));
    }
  }

  const all = [...fresh.keys()];
  const known = all.findLastIndex((one) => shown.has(one));
  for (const one of all.slice(known + 1)) {
    order.push(one);
    shown.add(one);
  }

  const rows = new Map<string, T>();
  const gone = new Set<string>();
  const flashes = new Map(before.flashes);
  // Where the answer ends before the list does, new rows push the last ones over its edge: these are not gone.
  const edge = pages.at(-1)?.next ? order.findLastIndex((one) => fresh.has(one)) : order.length;
  for (const [index, one] of order.entries()) {
    const now = fresh.get(one);
    const old = before.rows.get(one);
    rows.set(one, (now ?? old) as T);
    if (!now && index < edge) gone.add(one);
    else if (now && old && signature(old) !== signature(now)) flashes.set(one, (flashes.get(one) ?? 0) + 1);
  }
  const arrived = [...fresh.keys()].filter((one) => !shown.has(one)).length;
  return { key, pages: Math.max(pages.length, before.pages), order, rows, gone, arrived, total, flashes };
}
