import { Button, MenuToggle, SearchInput, Select, SelectList, SelectOption, Spinner, Toolbar, ToolbarContent, ToolbarGroup, ToolbarItem, ToolbarToggleGroup, Tooltip } from '@patternfly/react-core';
import ColumnsIcon from '@patternfly/react-icons/dist/esm/icons/columns-icon';
import DownloadIcon from '@patternfly/react-icons/dist/esm/icons/download-icon';
import FilterIcon from '@patternfly/react-icons/dist/esm/icons/filter-icon';
import { useEffect, useState, type ReactNode } from 'react';
import { toggled, type ListState } from './address';
import { shownColumns, type Column, type Facet } from './columns';
import type { ListKind } from './kinds';
import { SavedViews } from './SavedViews';
import { FacetFilter } from './FacetFilter';

interface Props<T> {
  label: string;
  state: ListState;
  setState: (change: Partial<ListState>) => void;
  facets: readonly Facet[];
  kind: ListKind;
  columns: readonly Column<T>[];
  exportRows: () => Promise<void>;
  summary: ReactNode;
  select?: ReactNode;
  /** A list inside another page has no views of its own: its address is that page's. */
  hasViews: boolean;
}

export function ListToolbar<T>({ label, state, setState, facets, kind, columns, exportRows, summary, select, hasViews }: Props<T>) {
  const [text, setText] = useState(state.text);
  const [exporting, setExporting] = useState(false);
  useEffect(() => setText(state.text), [state.text]);
  // A pause in typing asks the server, not each letter.
  useEffect(() => {
    if (text === state.text) return;
    const timer = setTimeout(() => setState({ text }), 200);
    return () => clearTimeout(timer);
  }, [text, state.text, setState]);

  const clear = () => setState({ text: '', facets: Object.fromEntries(facets.map((f) => [f.id, []])) });
  const filters = (
    <>
      <ToolbarItem>
        <SearchInput
          aria-label={`Filter ${label}`}
          data-shortcut="f"
          placeholder={`Filter ${label}`}
          value={text}
          onChange={(_, value) => setText(value)}
          onClear={() => setText('')}
        />
      </ToolbarItem>
      {facets.length > 0 && (
        <ToolbarGroup variant="filter-group">
          {facets.map((facet) => (
            <FacetFilter
              key={facet.id}
              facet={facet}
              chosen={state.facets[facet.id] ?? []}
              kind={kind}
              state={state}
              choose={(values) => setState({ facets: { ...state.facets, [facet.id]: values } })}
            />
          ))}
        </ToolbarGroup>
      )}
    </>
  );

  return (
    <Toolbar clearAllFilters={clear} clearFiltersButtonText="Clear all filters" className="mu-toolbar" numberOfFiltersText={(n) => `${n} filters`}>
      <ToolbarContent>
        {select && <ToolbarItem>{select}</ToolbarItem>}
        <ToolbarToggleGroup toggleIcon={<FilterIcon />} breakpoint="md">{filters}</ToolbarToggleGroup>
        <ToolbarGroup align={{ default: 'alignEnd' }} variant="action-group-plain">
          <ToolbarItem className="mu-summary" aria-live="polite">{summary}</ToolbarItem>
          {hasViews && <ToolbarItem><SavedViews kind={kind} /></ToolbarItem>}
          <ToolbarItem><ColumnsMenu columns={columns} state={state} setState={setState} /></ToolbarItem>
          <ToolbarItem>
            <Tooltip content="Export these rows as CSV" aria="none">
              <Button
                variant="plain"
                aria-label="Export these rows as CSV"
                icon={exporting ? <Spinner size="md" /> : <DownloadIcon />}
                isDisabled={exporting}
                onClick={() => {
                  setExporting(true);
                  void exportRows().finally(() => setExporting(false));
                }}
              />
            </Tooltip>
          </ToolbarItem>
        </ToolbarGroup>
      </ToolbarContent>
    </Toolbar>
  );
}

function ColumnsMenu<T>({ columns, state, setState }: Pick<Props<T>, 'columns' | 'state' | 'setState'>) {
  const [open, setOpen] = useState(false);
  const shown = shownColumns(columns, state.columns).map((c) => c.id);
  return (
    <Select
      role="menu"
      isOpen={open}
      onOpenChange={setOpen}
      selected={shown}
      popperProps={{ position: 'right' }}
      onSelect={(_, id) => setState({ columns: toggled(shown, String(id)) })}
      toggle={(ref) => (
        <MenuToggle ref={ref} variant="plain" aria-label="Columns" onClick={() => setOpen(!open)} isExpanded={open} icon={<ColumnsIcon />} />
      )}
    >
      <SelectList aria-label="Columns">
        {columns.map((c) => (
          <SelectOption key={c.id} value={c.id} hasCheckbox isSelected={shown.includes(c.id)} isDisabled={c.fixed ?? false}>{c.title}</SelectOption>
        ))}
      </SelectList>
    </Select>
  );
}
