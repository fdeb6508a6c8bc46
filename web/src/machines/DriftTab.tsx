import CheckCircleIcon from '@patternfly/react-icons/dist/esm/icons/check-circle-icon';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import type { Drift, ImageDifference } from '../api/types';
import { Nothing } from '../ui/Failure';
import { Feed } from '../ui/Feed';
import { Name, PathText } from '../ui/text';
import { Side } from '../images/Side';
import { DriftItem } from '../drift/DriftItem';

export function DriftTab({ machine }: { machine: string }) {
  return (
    <Feed<Drift>
      noun="drift"
      path="machines/drift"
      query={{ machine }}
      one="drift"
      many="drifts"
      empty={<Nothing icon={CheckCircleIcon} title="Nothing has drifted">When something changes a managed file, it is named here within milliseconds: what, by whom, and what was done about it.</Nothing>}
    >
      {(items) => <ol className="mu-feed" aria-label="Drift, newest first">{items.map((drift) => <DriftItem key={drift.id} drift={drift} />)}</ol>}
    </Feed>
  );
}

const words: Record<string, string> = { added: 'extra', removed: 'missing', changed: 'changed' };

/** What is on the machine now beside what its image says. */
export function DifferencesTab({ machine }: { machine: string }) {
  return (
    <Feed<ImageDifference>
      noun="machines"
      path="machines/differences"
      query={{ machine }}
      one="difference"
      empty={<Nothing icon={CheckCircleIcon} title="No differences">Everything that its image manages is as the image says.</Nothing>}
    >
      {(items) => (
        <Table aria-label="Differences" variant="compact" gridBreakPoint="grid-md" className="mu-table">
          <Thead><Tr><Th>Path</Th><Th>Is</Th><Th>What differs</Th><Th>Wanted</Th><Th>Seen</Th></Tr></Thead>
          <Tbody>
            {items.map((d) => (
              <Tr key={d.shown}>
                <Td dataLabel="Path"><PathText path={d.path} /></Td>
                <Td dataLabel="Is">{words[d.kind] ?? d.kind}</Td>
                <Td dataLabel="What differs"><Name of={d.facets.join(', ')} /></Td>
                <Td dataLabel="Wanted"><Side entry={d.from} facets={d.facets} /></Td>
                <Td dataLabel="Seen"><Side entry={d.to} facets={d.facets} /></Td>
              </Tr>
            ))}
          </Tbody>
        </Table>
      )}
    </Feed>
  );
}
