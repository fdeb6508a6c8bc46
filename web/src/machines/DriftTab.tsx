import { useMemo } from 'react';
import { DriftList } from '../drift/DriftList';
import { machineDrift } from '../ui/list/kinds';

export function DriftTab({ machine }: { machine: string }) {
  return <DriftList isPart kind={useMemo(() => machineDrift(machine), [machine])} />;
}
