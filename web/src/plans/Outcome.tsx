import { Alert } from '@patternfly/react-core';
import { useQueries } from '@tanstack/react-query';
import { showQuery } from '../api/queries';
import type { MachineDetails, Plan } from '../api/types';
import { MachineState } from '../machines/MachineState';
import { count } from '../ui/format';
import { ObjectLink } from '../ui/ObjectLink';

const followed = 12;

/** What came of it, live: a wish is granted, the fleet follows. */
export function Outcome({ applied, asked }: { applied: readonly Plan[]; asked: number }) {
  const machines = [...new Map(applied.flatMap((p) => p.changes).filter((c) => c.object.kind === 'machine' && c.action !== 'delete' && c.object.id).map((c) => [c.object.id, c.object])).values()];
  const shown = useQueries({ queries: machines.slice(0, followed).map((m) => showQuery<MachineDetails>('machines', 'machines/show', { machine: m.id })) });
  return (
    <div className="mu-stack">
      <Alert component="p" variant="success" isInline isLiveRegion title={asked === 1 ? 'Applied' : `Applied ${count(applied.length)} of ${count(asked)}`}>
        {asked === 1 ? applied[0]?.sentence : null}
      </Alert>
      {machines.length > 0 && (
        <ul className="mu-follow" aria-label="Machines, live">
          {machines.slice(0, followed).map((machine, index) => {
            const details = shown[index]?.data;
            return (
              <li key={machine.id}>
                <ObjectLink object={machine} />
                {details && <MachineState machine={details.summary} />}
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
