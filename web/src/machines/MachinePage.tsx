import { Button } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { showQuery } from '../api/queries';
import type { MachineDetails } from '../api/types';
import { ObjectPage } from '../ui/object/ObjectPage';
import { StateLabel } from '../ui/StateLabel';
import { Time } from '../ui/Time';
import { useMachineActions } from './actions';
import { Conditions } from './Conditions';
import { DifferencesTab, DriftTab } from './DriftTab';
import { MachineOverview } from './MachineOverview';
import { machineWord, stateWord } from './words';

export function MachinePage() {
  const { name = '' } = useParams();
  const query = useQuery(showQuery<MachineDetails>('machines', 'machines/show', { machine: name }));
  const actions = useMachineActions();
  const details = query.data;
  const machine = details?.summary;

  return (
    <ObjectPage
      name={machine?.name ?? name}
      parent={{ to: '/machines', title: 'Machines' }}
      query={query}
      state={machine && (
        <>
          <StateLabel state={machineWord(machine)} />
          {machine.link === 'unreachable' && <StateLabel state={stateWord(machine.state)} stale />}
          {machine.link === 'reconnecting' && <StateLabel state="reconnecting" />}
          {machine.mode === 'monitor' && <StateLabel state="monitored" />}
        </>
      )}
      why={machine && <>{machine.why} <span className="mu-quiet">Seen <Time at={machine.seenAt} />.</span></>}
      buttons={machine && actions.may('Machines.RequireImage') && <Button variant="secondary" onClick={() => actions.requireImage([machine])}>Require image</Button>}
      more={machine ? [
        { title: 'Edit', run: () => actions.edit([machine]), isDisabled: !actions.may('Machines.Edit') },
        { title: 'Delete', run: () => actions.forget([machine]), isDisabled: !actions.may('Machines.Delete'), isDanger: true },
      ] : []}
      tabs={[
        { id: 'overview', title: 'Overview', content: () => <MachineOverview details={details} /> },
        { id: 'drift', title: 'Drift', content: () => <DriftTab machine={name} /> },
        { id: 'differences', title: 'Differences', number: machine?.differences, content: () => <DifferencesTab machine={name} /> },
        { id: 'conditions', title: 'Conditions', number: details?.conditions.length, content: () => <Conditions of={details?.conditions ?? []} /> },
      ]}
    />
  );
}
