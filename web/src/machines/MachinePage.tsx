import { Button } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { showQuery } from '../api/queries';
import type { MachineDetails } from '../api/types';
import { ActivityTab } from '../events/ActivityTab';
import { ObjectPage } from '../ui/object/ObjectPage';
import { StateLabel } from '../ui/StateLabel';
import { Time } from '../ui/Time';
import { useMachineActions } from './actions';
import { Conditions } from './Conditions';
import { DifferencesTab } from './Differences';
import { DriftTab } from './DriftTab';
import { MachineOverview } from './MachineOverview';
import { MachineState } from './MachineState';
import { stateWord } from './words';

export function MachinePage() {
  const { machine: asked = '' } = useParams();
  const query = useQuery(showQuery<MachineDetails>('machines', 'machines/show', { machine: asked }));
  const actions = useMachineActions();
  const details = query.data;
  const machine = details?.summary;

  return (
    <ObjectPage
      kind="machine"
      name={machine?.name}
      parent={{ to: '/machines', title: 'Machines' }}
      query={query}
      state={machine && (
        <>
          <MachineState machine={machine} />
          {machine.link === 'unreachable' && <StateLabel state={stateWord(machine.state)} stale />}
          {machine.mode === 'monitor' && <StateLabel state="monitored" />}
        </>
      )}
      why={machine && <>{machine.why} <span className="mu-quiet">Seen <Time at={machine.seenAt} />.</span></>}
      buttons={machine && (
        <>
          {actions.may('Machines.RequireImage') && <Button variant="secondary" onClick={() => actions.requireImage([machine])}>Require image</Button>}
          {actions.may('Machines.Edit') && <Button variant="secondary" onClick={() => actions.edit([machine])}>Edit</Button>}
        </>
      )}
      more={machine ? [{ title: 'Delete', run: () => actions.forget([machine]), isDisabled: !actions.may('Machines.Delete'), isDanger: true }] : []}
      tabs={[
        { id: 'overview', title: 'Overview', content: () => <MachineOverview details={details} /> },
        { id: 'drift', title: 'Drift', content: () => <DriftTab machine={asked} /> },
        { id: 'differences', title: 'Differences', number: machine?.differences, content: () => <DifferencesTab machine={asked} /> },
        { id: 'conditions', title: 'Conditions', number: details?.conditions.length, content: () => <Conditions of={details?.conditions ?? []} /> },
        { id: 'activity', title: 'Activity', content: () => <ActivityTab subject={machine?.id} /> },
      ]}
    />
  );
}
