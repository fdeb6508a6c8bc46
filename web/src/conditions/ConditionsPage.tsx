import CheckCircleIcon from '@patternfly/react-icons/dist/esm/icons/check-circle-icon';
import type { Condition } from '../api/types';
import { Nothing } from '../ui/Failure';
import type { Column, Facet } from '../ui/list/columns';
import { conditionList } from '../ui/list/kinds';
import { List } from '../ui/list/List';
import { ObjectLink } from '../ui/ObjectLink';
import { StateLabel } from '../ui/StateLabel';
import { Time } from '../ui/Time';

const columns: Column<Condition>[] = [
  { id: 'severity', title: 'Severity', sort: 'severity', fixed: true, width: '7.5rem', value: (c) => c.severity, cell: (c) => <StateLabel state={c.severity} /> },
  { id: 'machine', title: 'Machine', sort: 'machine', width: '18%', value: (c) => c.object?.name, cell: (c) => c.object && <ObjectLink object={c.object} /> },
  {
    id: 'title', title: 'What lasts', value: (c) => c.title,
    cell: (c) => <><strong>{c.title}</strong><p>{c.text}</p></>,
  },
  { id: 'cure', title: 'What mends it', width: '28%', value: (c) => c.cure, cell: (c) => <span className="mu-quiet">{c.cure}</span> },
  { id: 'code', title: 'Code', sort: 'code', extra: true, value: (c) => c.code, cell: (c) => <code>{c.code}</code> },
  { id: 'since', title: 'Since', sort: 'since', width: '7rem', value: (c) => c.since, cell: (c) => <Time at={c.since} /> },
];

const facets: Facet[] = [
  { id: 'severity', title: 'Severity', values: ['error', 'warning', 'info'], show: (v) => <StateLabel state={v} /> },
  { id: 'machine', title: 'Machine' },
];

/** Every lasting trouble of the organisation, the worst first. */
export function ConditionsPage() {
  return (
    <List<Condition>
      kind={conditionList}
      title="Conditions"
      one="condition"
      many="conditions"
      columns={columns}
      facets={facets}
      id={(c) => `${c.object?.id} ${c.code}`}
      name={(c) => `${c.title} of ${c.object?.name}`}
      signature={(c) => c.severity + c.text}
      empty={<Nothing icon={CheckCircleIcon} title="No lasting trouble">A full disk, a certificate near its end or a file that something keeps changing would be named here.</Nothing>}
    />
  );
}
