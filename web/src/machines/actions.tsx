import type { IAction } from '@patternfly/react-table';
import { lazy, useMemo } from 'react';
import { covers, useMe } from '../api/queries';
import type { MachineSummary } from '../api/types';
import { usePlanHost } from '../plans/PlanHost';
import type { BulkAction } from '../ui/list/selection';

const RequireImage = lazy(async () => ({ default: (await import('./changes')).RequireImage }));
const EditMachines = lazy(async () => ({ default: (await import('./changes')).EditMachines }));
const DeleteMachines = lazy(async () => ({ default: (await import('./changes')).DeleteMachines }));

/** The verbs of a machine, the same in the list, on its page and in the action bar. */
export function useMachineActions() {
  const { open } = usePlanHost();
  const me = useMe();
  return useMemo(() => {
    const may = (operation: string) => covers(me?.grants ?? [], operation);
    const requireImage = (machines: MachineSummary[]) => open((close) => <RequireImage machines={machines} close={close} />);
    const edit = (machines: MachineSummary[]) => open((close) => <EditMachines machines={machines} close={close} />);
    const forget = (machines: MachineSummary[]) => open((close) => <DeleteMachines machines={machines} close={close} />);

    const forRow = (machine: MachineSummary): IAction[] => [
      { title: 'Require image', onClick: () => requireImage([machine]), isDisabled: !may('Machines.RequireImage') },
      { title: 'Edit', onClick: () => edit([machine]), isDisabled: !may('Machines.Edit') },
      { isSeparator: true },
      { title: 'Delete', onClick: () => forget([machine]), isDisabled: !may('Machines.Delete'), isDanger: true },
    ];
    const forMany: BulkAction<MachineSummary>[] = [
      ...(may('Machines.RequireImage') ? [{ title: 'Require image', run: requireImage }] : []),
      ...(may('Machines.Edit') ? [{ title: 'Edit', run: edit }] : []),
      ...(may('Machines.Delete') ? [{ title: 'Delete', run: forget, isDanger: true }] : []),
    ];
    return { requireImage, edit, forget, forRow, forMany, may };
  }, [open, me]);
}
