import { Checkbox, MenuToggle, Skeleton } from '@patternfly/react-core';
import EllipsisVIcon from '@patternfly/react-icons/dist/esm/icons/ellipsis-v-icon';
import { ActionsColumn, Table, Tbody, Td, Th, Thead, Tr, type IAction } from '@patternfly/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';
import type { Arrangement } from './arrange';
import type { Column } from './columns';

interface Props<T> {
  label: string;
  columns: readonly Column<T>[];
  arrangement: Arrangement<T>;
  sort: string;
  onSort: (sort: string) => void;
  selected?: { has: (id: string) => boolean; toggle: (id: string, on: boolean, range: boolean) => void } | undefined;
  actions?: ((row: T) => IAction[]) | undefined;
  nameOf: (row: T) => string;
  more: boolean;
  loadMore: () => void;
}

/** The element that scrolls a page; rows outside its view are not in the document. */
export const scroller = () => document.getElementById('main');

/** A table of any length: only the rows in view exist; the rest is two spacers. */
export function ListTable<T>({ label, columns, arrangement, sort, onSort, selected, actions, nameOf, more, loadMore }: Props<T>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [margin, setMargin] = useState(0);
  useLayoutEffect(() => {
    const main = scroller();
    if (!main || !body.current) return;
    const measure = () => {
      if (body.current) setMargin(Math.round(body.current.getBoundingClientRect().top - main.getBoundingClientRect().top + main.scrollTop));
    };
    measure();
    const resized = new ResizeObserver(measure);
    resized.observe(main);
    if (body.current.closest('.mu-list')) resized.observe(body.current.closest('.mu-list')?.firstElementChild as Element);
    return () => resized.disconnect();
  }, []);

  const { order } = arrangement;
  const virtual = useVirtualizer({
    count: order.length,
    getScrollElement: scroller,
    estimateSize: () => (window.innerWidth < 768 ? 220 : 41),
    getItemKey: (index) => order[index] ?? index,
    overscan: 15,
    scrollMargin: margin,
    initialRect: { width: 1200, height: 900 },
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last > order.length - 60) loadMore();
  }, [more, last, order.length, loadMore]);

  // Another question is read from its beginning.
  const question = useRef(arrangement.key);
  useLayoutEffect(() => {
    if (question.current === arrangement.key) return;
    question.current = arrangement.key;
    scroller()?.scrollTo(0, 0);
  }, [arrangement.key]);

  // A change flashes once, when it happens: a row that was out of view then, or comes back into it, stays still.
  const flashed = useRef(new Map<string, number>());
  useEffect(() => {
    flashed.current = new Map(arrangement.flashes);
  }, [arrangement.flashes]);

  const before = (items[0]?.start ?? margin) - margin;
  const after = virtual.getTotalSize() - ((items.at(-1)?.end ?? margin) - margin);
  const width = columns.length + (selected ? 1 : 0) + (actions ? 1 : 0);
  const key = sort.replace(/^-/, '');

  return (
    <Table aria-label={label} variant="compact" gridBreakPoint="grid-md" isStickyHeader aria-rowcount={arrangement.total + 1} className="mu-table mu-fixed">
      <Thead>
        <Tr aria-rowindex={1}>
          {selected && <Th screenReaderText="Selected" style={{ width: '2.75rem' }} />}
          {columns.map((column, index) => (
            <Th
              key={column.id}
              {...(column.width ? { style: { width: column.width } } : {})}
              {...(column.number ? { className: 'mu-number' } : {})}
              {...(column.sort
                ? {
                    sort: {
                      columnIndex: index,
                      sortBy: { ...(key === column.sort ? { index } : {}), direction: sort.startsWith('-') ? 'desc' : 'asc' },
                      onSort: () => onSort(sort === column.sort ? `-${column.sort}` : String(column.sort)),
                    },
                  }
                : {})}
            >
              {column.title}
            </Th>
          ))}
          {actions && <Th screenReaderText="Actions" style={{ width: '3.25rem' }} />}
        </Tr>
      </Thead>
      <Tbody ref={body as never}>
        {before > 0 && <tr className="mu-spacer" aria-hidden><td colSpan={width} style={{ height: before }} /></tr>}
        {items.map((item) => {
          const id = order[item.index] as string;
          return (
            <Row
              key={id}
              id={id}
              index={item.index}
              row={arrangement.rows.get(id) as T}
              columns={columns}
              gone={arrangement.gone.has(id)}
              flash={arrangement.flashes.get(id) ?? 0}
              flashed={flashed}
              isSelected={selected ? selected.has(id) : null}
              toggle={selected?.toggle}
              actions={actions}
              nameOf={nameOf}
              measure={virtual.measureElement}
            />
          );
        })}
        {after > 0 && <tr className="mu-spacer" aria-hidden><td colSpan={width} style={{ height: after }} /></tr>}
      </Tbody>
    </Table>
  );
}

interface RowProps<T> {
  id: string;
  index: number;
  row: T;
  columns: readonly Column<T>[];
  gone: boolean;
  flash: number;
  flashed: RefObject<Map<string, number>>;
  isSelected: boolean | null;
  toggle: ((id: string, on: boolean, range: boolean) => void) | undefined;
  actions: ((row: T) => IAction[]) | undefined;
  nameOf: (row: T) => string;
  measure: (element: HTMLElement | null) => void;
}

const Row = memo(function Row<T>({ id, index, row, columns, gone, flash, flashed, isSelected, toggle, actions, nameOf, measure }: RowProps<T>) {
  const element = useRef<HTMLTableRowElement>(null);
  useLayoutEffect(() => measure(element.current), [measure, columns]);
  useEffect(() => {
    if (flash <= (flashed.current.get(id) ?? 0) || !element.current) return;
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    element.current.animate([{ backgroundColor: 'var(--mu-flash)' }, { backgroundColor: 'transparent' }], { duration: 1600, easing: 'ease-out' });
  }, [flash, flashed, id]);
  return (
    <Tr ref={element as never} data-index={index} aria-rowindex={index + 2} className={gone ? 'mu-gone' : ''} isRowSelected={isSelected === true}>
      {isSelected !== null && (
        <Td className="pf-v6-c-table__check">
          <Checkbox id={`select-${id}`} aria-label={`Select ${nameOf(row)}`} isChecked={isSelected} onChange={(event, on) => toggle?.(id, on, (event.nativeEvent as MouseEvent).shiftKey === true)} />
        </Td>
      )}
      {columns.map((column) => (
        <Td key={column.id} dataLabel={column.title} {...(column.number ? { className: 'mu-number' } : {})}>{column.cell(row)}</Td>
      ))}
      {actions && (
        <Td isActionCell>
          {gone ? null : <ActionsColumn
              items={actions(row)}
              popperProps={{ position: 'right' }}
              actionsToggle={({ onToggle, isOpen, toggleRef }) => (
                <MenuToggle ref={toggleRef} variant="plain" isExpanded={isOpen} onClick={onToggle} aria-label={`Actions for ${nameOf(row)}`} icon={<EllipsisVIcon />} />
              )}
            />}
        </Td>
      )}
    </Tr>
  );
}) as <T>(props: RowProps<T>) => React.ReactElement;

/** The same layout with nothing in it yet. */
export function ListSkeleton({ columns, label }: { columns: readonly { id: string; title: string; width?: string }[]; label: string }) {
  return (
    <Table aria-label={`${label}, loading`} aria-busy variant="compact" gridBreakPoint="grid-md" className="mu-table mu-fixed">
      <Thead><Tr>{columns.map((c) => <Th key={c.id} {...(c.width ? { style: { width: c.width } } : {})}>{c.title}</Th>)}</Tr></Thead>
      <Tbody>
        {Array.from({ length: 12 }, (_, row) => (
          <Tr key={row}>
            {columns.map((c, column) => <Td key={c.id} dataLabel={c.title}><Skeleton width={`${45 + ((row * 7 + column * 13) % 40)}%`} screenreaderText={row + column === 0 ? 'Loading' : ''} /></Td>)}
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
