import { Button } from '@patternfly/react-core';
import ServerIcon from '@patternfly/react-icons/dist/esm/icons/server-icon';
import { Link } from 'react-router';
import { useCan } from '../api/queries';
import type { MachineSummary } from '../api/types';
import { machineAddress } from '../ui/addresses';
import { Nothing } from '../ui/Failure';
import { count, plural } from '../ui/format';
import type { Column, Facet } from '../ui/list/columns';
import { machineList } from '../ui/list/kinds';
import { List } from '../ui/list/List';
import { ObjectLink } from '../ui/ObjectLink';
import { StateLabel } from '../ui/StateLabel';
import { Name } from '../ui/text';
import { Time } from '../ui/Time';
import { useFlag } from '../ui/useFlag';
import { useMachineActions } from './actions';
import { JoinDialog } from './JoinDialog';
import { Labels } from './Labels';
import { MachineState } from './MachineState';
import { shownState, stateWord } from './words';

const columns: Column<MachineSummary>[] = [
  { id: 'name', title: 'Name', fixed: true, sort: 'name', width: '21%', value: (m) => m.name, cell: (m) => <Link to={machineAddress(m.id)} className="mu-main-link mu-clip2" title={m.name}><Name of={m.name} /></Link> },
  {
    id: 'state', title: 'State', sort: 'state', width: '9rem', value: shownState,
    cell: (m) => (
      <span className="mu-states">
        <MachineState machine={m} />
        {m.conditions > 0 && <Link to={`${machineAddress(m.id)}?tab=conditions`} title={plural(m.conditions, 'condition')} className="mu-bare"><StateLabel state={m.worstSeverity ?? 'warning'}>{count(m.conditions)}</StateLabel></Link>}
      </span>
    ),
  },
  { id: 'why', title: 'Why', value: (m) => m.why, cell: (m) => <Why of={m} /> },
  { id: 'image', title: 'Required image', sort: 'image', width: '16%', value: (m) => m.requiredImage?.name, cell: (m) => (m.requiredImage ? <ObjectLink object={m.requiredImage} /> : <span className="mu-quiet">none</span>) },
  { id: 'differences', title: 'Differences', number: true, sort: 'differences', width: '6.5rem', value: (m) => m.differences, cell: (m) => (m.differences > 0 ? <Link to={`${machineAddress(m.id)}?tab=differences`}>{count(m.differences)}</Link> : <span className="mu-quiet">0</span>) },
  { id: 'conditions', title: 'Conditions', extra: true, number: true, sort: 'conditions', value: (m) => m.conditions, cell: (m) => (m.conditions > 0 ? <Link to={`${machineAddress(m.id)}?tab=conditions`}>{count(m.conditions)}</Link> : <span className="mu-quiet">0</span>) },
  { id: 'mode', title: 'Mode', extra: true, sort: 'mode', value: (m) => m.mode, cell: (m) => m.mode },
  { id: 'labels', title: 'Labels', extra: true, value: (m) => m.labels, cell: (m) => <Labels of={m.labels} /> },
  { id: 'address', title: 'Address', extra: true, value: (m) => m.address, cell: (m) => <span className="mu-mono">{m.address ?? '–'}</span> },
  { id: 'agent', title: 'Agent', extra: true, value: (m) => m.agentVersion, cell: (m) => m.agentVersion ?? '–' },
  { id: 'joined', title: 'Joined', extra: true, sort: 'joinedAt', value: (m) => m.joinedAt, cell: (m) => <Time at={m.joinedAt} /> },
  { id: 'seen', title: 'Seen', sort: 'seenAt', width: '6.5rem', value: (m) => m.seenAt, cell: (m) => <span className={m.link === 'connected' ? '' : 'mu-quiet'}><Time at={m.seenAt} /></span> },
];

// That it is like its image stands in the column beside it; room is for what needs reading.
function Why({ of: m }: { of: MachineSummary }) {
  if (m.state === 'inSync' && m.link === 'connected') return <span className="mu-quiet">as required</span>;
  return <span className={m.link === 'connected' ? 'mu-clip2' : 'mu-quiet mu-clip2'} title={m.why}>{m.why}</span>;
}

const facets: Facet[] = [
  { id: 'state', title: 'State', values: ['inSync', 'drifted', 'planned', 'fetching', 'updating', 'failed', 'refused', 'unknown', 'unreachable'], show: (v) => <StateLabel state={stateWord(v)} />, word: stateWord },
  { id: 'link', title: 'Connection', values: ['connected', 'reconnecting', 'unreachable'], show: (v) => <StateLabel state={v} /> },
  { id: 'image', title: 'Image' },
  { id: 'labels', title: 'Labels' },
];

export function MachinesPage() {
  const { on: joining, set: join } = useFlag('join');
  const mayJoin = useCan('Machines.Invite');
  const actions = useMachineActions();

  return (
    <>
      <List<MachineSummary>
        kind={machineList}
        title="Machines"
        one="machine"
        many="machines"
        columns={columns}
        facets={facets}
        id={(m) => m.id}
        name={(m) => m.name}
        signature={(m) => [m.state, m.link, m.requiredImage?.name, m.differences, m.conditions, m.mode].join()}
        rowActions={actions.forRow}
        bulkActions={actions.forMany}
        buttons={mayJoin && <Button onClick={() => join(true)}>Join a machine</Button>}
        empty={
          <Nothing icon={ServerIcon} title="No machine has joined yet" {...(mayJoin ? { action: () => join(true), actionText: 'Join a machine' } : {})}>
            A machine joins by one line, pasted as root. From then on it is kept exactly like the image you require, or watched for drift.
          </Nothing>
        }
      />
      {joining && <JoinDialog close={() => join(false)} />}
    </>
  );
}
