import { Alert } from '@patternfly/react-core';
import { useQueries } from '@tanstack/react-query';
import { showQuery } from '../api/queries';
import type { MachineDetails, Plan } from '../api/types';
import { machineWord } from '../machines/words';
import { count } from '../ui/format';
import { ObjectLink } from '../ui/ObjectLink';
import { StateLabel } from '../ui/StateLabel';

const followed = 12;

/** What came of it, live: a wish is granted, the fleet follows. */
export function Outcome({ plans, refused }: { plans: readonly Plan[]; refused: number }) {
  const machines = [...new Map(plans.flatMap((p) => p.changes).filter((c) => c.object.kind === 'machine' && c.action !== 'delete' && c.object.id).map((c) => [c.object.id, c.object])).values()];
  const shown = useQueries({ queries: machines.slice(0, followed).map((m) => showQuery<MachineDetails>('machines', 'machines/show', { machine: m.name })) });
  const done = plans.length - refused;
  return (
    <div className="mu-stack">
      <Alert component="p" variant="success" isInline isLiveRegion title={plans.length === 1 ? 'Applied' : `Applied ${count(done)} of ${count(plans.length)}`}>
        {plans.length === 1 ? plans[0]?.sentence : null}
      </Alert>
      {machines.length > 0 && (
        <ul className="mu-follow" aria-label="Machines, live">
          {machines.slice(0, followed).map((machine, index) => {
            const details = shown[index]?.data;
            return (
              <li key={machine.id}>
                <ObjectLink object={machine} />
                {details && <StateLabel state={machineWord(details.summary)} />}
                <span className="mu-quiet">{details?.summary.why}</span>
              </li>
            );
          })}
        </ul>
      )}
      {machines.length > followed && <p className="mu-quiet">and {count(machines.length - followed)} more machines</p>}
    </div>
  );
}
