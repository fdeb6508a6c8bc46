import { Badge, MenuToggle, Select, SelectList, SelectOption, ToolbarFilter } from '@patternfly/react-core';
import { useState } from 'react';
import { count } from '../format';
import { useQueries, useQuery } from '@tanstack/react-query';
import { showQuery } from '../../api/queries';
import type { Page } from '../../api/types';
import { parametersOf, toggled, type ListState } from './address';
import type { ListKind } from './kinds';
import type { Facet } from './columns';

/** One facet of a list's filter: its values, each with how many rows it would leave. */
export function FacetFilter({ facet, chosen, kind, state, choose }: {
  facet: Facet;
  chosen: readonly string[];
  kind: ListKind;
  state: ListState;
  choose: (values: string[]) => void;
}) {
  const [open, setOpen] = useState(false);
  const found = useQuery({ queryKey: [kind.noun, 'facet', facet.id], queryFn: () => facet.find?.() ?? [], enabled: open && facet.find !== undefined });
  const usual = facet.values ?? found.data ?? [];
  const values = [...usual, ...chosen.filter((v) => !usual.includes(v))];
  // Counted when someone looks: one row of each answer, and its total.
  const counts = useQueries({
    queries: values.map((value) => ({
      ...showQuery<Page<unknown>>(kind.noun, kind.path, { ...parametersOf({ ...state, facets: { ...state.facets, [facet.id]: [value] } }), limit: 1 }),
      enabled: open,
    })),
  });

  return (
    <ToolbarFilter
      categoryName={facet.title}
      labels={chosen.map((value) => ({ key: value, node: facet.word?.(value) ?? <bdi>{value}</bdi> }))}
      deleteLabel={(_, label) => choose(toggled(chosen, typeof label === 'string' ? label : label.key))}
      deleteLabelGroup={() => choose([])}
    >
      <Select
        role="menu"
        isOpen={open}
        onOpenChange={setOpen}
        onSelect={(_, value) => choose(toggled(chosen, String(value)))}
        selected={chosen}
        isScrollable
        toggle={(ref) => (
          <MenuToggle ref={ref} onClick={() => setOpen(!open)} isExpanded={open} {...(chosen.length ? { badge: <Badge isRead>{chosen.length}</Badge> } : {})}>
            {facet.title}
          </MenuToggle>
        )}
      >
        <SelectList aria-label={facet.title}>
          {values.length === 0 && <SelectOption isDisabled>{found.isFetching ? 'Looking' : 'Nothing to choose from'}</SelectOption>}
          {values.map((value, index) => (
            <SelectOption key={value} value={value} hasCheckbox isSelected={chosen.includes(value)}>
              <span className="mu-facet">
                <span>{facet.show?.(value) ?? <bdi>{value}</bdi>}</span>
                <span className="mu-quiet mu-number">{counts[index]?.data ? count(counts[index].data.total) : ''}</span>
              </span>
            </SelectOption>
          ))}
        </SelectList>
      </Select>
    </ToolbarFilter>
  );
}
