import type { MachineSummary } from '../api/types';
import { StateLabel } from '../ui/StateLabel';
import { stateWord } from './words';

/** How a machine is. What is known only from before the connection broke is greyed; what a silent machine was is not said at all. */
export function MachineState({ machine }: { machine: Pick<MachineSummary, 'state' | 'link'> }) {
  if (machine.link === 'unreachable') return <StateLabel state="unreachable" />;
  return (
    <>
      <StateLabel state={stateWord(machine.state)} stale={machine.link !== 'connected'} />
      {machine.link === 'reconnecting' && <StateLabel state="reconnecting" />}
    </>
  );
}
