import CheckCircleIcon from '@patternfly/react-icons/dist/esm/icons/check-circle-icon';
import { useMemo } from 'react';
import type { ImageDifference } from '../api/types';
import { Side } from '../images/Side';
import { Nothing } from '../ui/Failure';
import type { Column, Facet } from '../ui/list/columns';
import { machineDifferences } from '../ui/list/kinds';
import { List } from '../ui/list/List';
import { Name, PathText } from '../ui/text';

const words: Record<string, string> = { added: 'extra', removed: 'missing', changed: 'changed' };
const word = (kind: string) => words[kind] ?? kind;

const columns: Column<ImageDifference>[] = [
  { id: 'path', title: 'Path', fixed: true, width: '32%', value: (d) => d.shown, cell: (d) => <PathText path={d.path} /> },
  { id: 'kind', title: 'Change', width: '6rem', value: (d) => word(d.kind), cell: (d) => word(d.kind) },
  { id: 'facets', title: 'What differs', extra: true, value: (d) => d.facets.join(' '), cell: (d) => <Name of={d.facets.join(', ')} /> },
  { id: 'wanted', title: 'Wanted', cell: (d) => <Side entry={d.from} facets={d.facets} /> },
  { id: 'seen', title: 'Seen', cell: (d) => <Side entry={d.to} facets={d.facets} /> },
];

const facets: Facet[] = [{ id: 'kind', title: 'Change', values: ['changed', 'removed', 'added'], word }];

/** What is on the machine now beside what its image says. */
export function DifferencesTab({ machine }: { machine: string }) {
  return (
    <List<ImageDifference>
      isPart
      kind={useMemo(() => machineDifferences(machine), [machine])}
      title="Differences"
      one="difference"
      many="differences"
      columns={columns}
      facets={facets}
      id={(d) => d.shown}
      name={(d) => d.shown}
      signature={(d) => d.facets.join()}
      empty={<Nothing icon={CheckCircleIcon} title="No differences">Everything that its image manages is as the image says.</Nothing>}
    />
  );
}
