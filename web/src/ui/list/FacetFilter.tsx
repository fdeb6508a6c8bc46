import { Badge, MenuToggle, Select, SelectList, SelectOption, ToolbarFilter } from '@patternfly/react-core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { count } from '../format';
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
  // Counted when someone looks, all values in one answer.
  const counted = useQuery({
    ...showQuery<Page<unknown>>(kind.noun, kind.path, { ...parametersOf(state, kind), limit: 1, counts: facet.id }),
    enabled: open,
    placeholderData: keepPreviousData,
  });
  const counts = new Map(counted.data?.counts?.map((one) => [one.value, one.count]));
  const values = [...new Set([...(facet.values ?? []), ...[...counts.keys()].filter(Boolean), ...chosen])];

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
          {counted.isError && <SelectOption isDisabled>{counted.error.message}</SelectOption>}
          {values.length === 0 && !counted.isError && <SelectOption isDisabled>{counted.isPending ? 'Looking' : 'Nothing to choose from'}</SelectOption>}
          {values.map((value) => (
            <SelectOption key={value} value={value} hasCheckbox isSelected={chosen.includes(value)}>
              <span className="mu-facet">
                <span>{facet.show?.(value) ?? <bdi>{facet.word?.(value) ?? value}</bdi>}</span>
                <span className="mu-quiet mu-number">{counted.data ? count(counts.get(value) ?? 0) : ''}</span>
              </span>
            </SelectOption>
          ))}
        </SelectList>
      </Select>
    </ToolbarFilter>
  );
}
