import CheckCircleIcon from '@patternfly/react-icons/dist/esm/icons/check-circle-icon';
import { Link } from 'react-router';
import type { Drift } from '../api/types';
import { machineAddress } from '../ui/addresses';
import { Nothing } from '../ui/Failure';
import type { Column } from '../ui/list/columns';
import { driftList } from '../ui/list/kinds';
import { List } from '../ui/list/List';
import { StateLabel } from '../ui/StateLabel';
import { Name, PathText } from '../ui/text';
import { Time } from '../ui/Time';
import { took } from '../ui/time';

const columns: Column<Drift>[] = [
  { id: 'at', title: 'When', sort: 'at', fixed: true, width: '7rem', value: (d) => d.at, cell: (d) => <span className="mu-nowrap"><Time at={d.at} /></span> },
  { id: 'machine', title: 'Machine', width: '20%', value: (d) => d.machineName, cell: (d) => <Link to={`${machineAddress(d.machineName)}?tab=drift`}><Name of={d.machineName} /></Link> },
  { id: 'outcome', title: 'Outcome', sort: 'outcome', width: '7.5rem', value: (d) => d.outcome, cell: (d) => <StateLabel state={d.outcome} /> },
  { id: 'sentence', title: 'What happened', value: (d) => d.sentence, cell: (d) => <Name of={d.sentence} /> },
  { id: 'path', title: 'Path', sort: 'path', extra: true, value: (d) => d.shown, cell: (d) => <PathText path={d.path} /> },
  { id: 'process', title: 'Process', extra: true, value: (d) => d.culprit?.process, cell: (d) => (d.culprit?.process ? <Name of={d.culprit.process} /> : <span className="mu-quiet">not known</span>) },
  { id: 'login', title: 'Signed in as', extra: true, value: (d) => d.culprit?.login, cell: (d) => (d.culprit?.login ? <Name of={d.culprit.login} /> : <span className="mu-quiet">–</span>) },
  { id: 'took', title: 'Restored after', number: true, width: '8.5rem', value: (d) => (d.microseconds === undefined ? '' : d.microseconds / 1000), cell: (d) => (d.microseconds === undefined ? <span className="mu-quiet">–</span> : took(d.microseconds / 1000)) },
];

/** What drifted, on the whole fleet. */
export function DriftPage() {
  return (
    <List<Drift>
      kind={driftList}
      title="Drift"
      one="drift"
      many="drifts"
      columns={columns}
      id={(d) => d.id}
      name={(d) => d.shown}
      signature={(d) => d.outcome}
      empty={<Nothing icon={CheckCircleIcon} title="Nothing has drifted">When something changes a managed file on a machine, it is named here within milliseconds: what, by whom, and what was done about it.</Nothing>}
    />
  );
}
