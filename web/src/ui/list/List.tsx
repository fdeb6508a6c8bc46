import { Button, PageSection, Title } from '@patternfly/react-core';
import type { IAction } from '@patternfly/react-table';
import { useCallback, useEffect, useState, type ReactNode } from 'react';
import { Failure, Nothing } from '../Failure';
import { count, plural } from '../format';
import { isFiltered } from './address';
import { shownColumns, type Column, type Facet } from './columns';
import { csv, readAll, save } from './exporting';
import type { ListKind } from './kinds';
import { ListSkeleton, ListTable } from './ListTable';
import { ListToolbar } from './ListToolbar';
import { BulkBar, SelectMenu, useSelection, type BulkAction } from './selection';
import { useList } from './useList';

export interface ListProps<T> {
  kind: ListKind;
  title: string;
  /** One and many of what is listed. */
  one: string;
  many: string;
  columns: readonly Column<T>[];
  facets?: readonly Facet[];
  id: (row: T) => string;
  name: (row: T) => string;
  /** What must differ for a row to flash: not what changes all the time. */
  signature: (row: T) => string;
  rowActions?: (row: T) => IAction[];
  bulkActions?: readonly BulkAction<T>[];
  /** The buttons beside the title. */
  buttons?: ReactNode;
  /** Says what would be here and offers the first step. */
  empty: ReactNode;
  /** Stands inside another page, which has the heading. */
  isPart?: boolean;
}

/** The page kind "list": one component for every list in the product. */
export function List<T>(props: ListProps<T>) {
  const { kind, title, one, many, columns, facets = [], id, name, signature, rowActions, bulkActions, buttons, empty, isPart = false } = props;
  const { state, setState, parameters, query, arrangement, showNew } = useList<T>(kind, id, signature);
  const order = arrangement?.order ?? [];
  const selection = useSelection(order, JSON.stringify(parameters));
  const shown = shownColumns(columns, state.columns);
  const [exportError, setExportError] = useState<unknown>(null);
  useEffect(() => {
    if (!isPart) document.title = `${title} · Muster`;
  }, [title, isPart]);

  const { hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = query;
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);

  const total = arrangement?.total ?? 0;
  const isEmpty = arrangement !== null && order.length === 0 && arrangement.arrived === 0;
  const number = selection.selection.all ? total : selection.selection.ids.size;
  const selectedRows = async () => {
    if (selection.selection.all) return readAll<T>(kind, parameters);
    return [...selection.selection.ids].map((one) => arrangement?.rows.get(one)).filter((row): row is T => row !== undefined);
  };

  const exportRows = async () => {
    setExportError(null);
    try {
      save(`${many.replaceAll(' ', '-')}.csv`, 'text/csv', csv(await readAll<T>(kind, parameters), columns));
    } catch (error) {
      setExportError(error);
    }
  };

  const nothing = isEmpty && !isFiltered(state);
  const content = (
    <>
      <div>
        {!isPart && (
          <div className="mu-title">
            <Title headingLevel="h1">{title}</Title>
            {!nothing && buttons && <div className="mu-buttons">{buttons}</div>}
          </div>
        )}
        {!nothing && (
          <ListToolbar
            label={many}
            state={state}
            setState={setState}
            facets={facets}
            kind={kind}
            columns={columns}
            summary={arrangement ? plural(total, one, many) : ''}
            exportRows={exportRows}
            hasViews={!isPart}
            {...(bulkActions?.length ? { select: <SelectMenu selection={selection.selection} set={selection.set} loaded={order} total={total} /> } : {})}
          />
        )}
        {bulkActions && <BulkBar number={number} actions={bulkActions} rows={selectedRows} clear={selection.clear} />}
        {exportError !== null && <Failure title={`The ${many} cannot be exported`} error={exportError} retry={() => void exportRows()} />}
        {query.isError && <Failure what={many} error={query.error} retry={() => void refetch()} />}
        {arrangement !== null && arrangement.arrived + arrangement.gone.size > 0 && (
          <div className="mu-news" role="status">
            <Button variant="link" isInline onClick={showNew}>{news(arrangement.arrived, arrangement.gone.size)}</Button>
          </div>
        )}
      </div>
      {arrangement === null && !query.isError && <ListSkeleton columns={shown} label={title} />}
      {isEmpty && isFiltered(state) && (
        <Nothing
          title={`No ${one} matches`}
          actionText="Clear all filters"
          action={() => setState({ text: '', facets: Object.fromEntries(facets.map((f) => [f.id, []])) })}
        >
          Nothing fits these filters together.
        </Nothing>
      )}
      {nothing && empty}
      {arrangement !== null && order.length > 0 && (
        <ListTable
          label={title}
          columns={shown}
          arrangement={arrangement}
          sort={state.sort}
          onSort={(sort) => setState({ sort })}
          selected={bulkActions?.length ? selection.rows : undefined}
          actions={rowActions}
          nameOf={name}
          more={hasNextPage}
          loadMore={loadMore}
        />
      )}
    </>
  );
  return isPart ? <div className="mu-list">{content}</div> : <PageSection isFilled hasBodyWrapper={false} className="mu-list">{content}</PageSection>;
}

function news(arrived: number, gone: number): string {
  const parts = [arrived > 0 ? `${count(arrived)} new` : '', gone > 0 ? `${count(gone)} no longer here` : ''].filter(Boolean);
  return `${parts.join(', ')}: show`;
}
