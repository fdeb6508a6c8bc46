import type { IAction } from '@patternfly/react-table';
import { lazy, useMemo } from 'react';
import { covers, useMe } from '../api/queries';
import type { Task } from '../api/types';
import { usePlanHost } from '../plans/PlanHost';
import { plural } from '../ui/format';
import type { BulkAction } from '../ui/list/selection';
import { hasEnded, mayRetry } from './words';

const PlanDrawer = lazy(async () => ({ default: (await import('../plans/PlanDrawer')).PlanDrawer }));

const requests = (tasks: readonly Task[]) => tasks.map((task) => ({ task: task.id }));
const named = (tasks: readonly Task[]) => (tasks.length === 1 ? (tasks[0] as Task).title : plural(tasks.length, 'task'));
/** Of many, those that it can be asked of; of none, all of them, so that the server says why not. */
const fitting = (tasks: Task[], fits: (task: Task) => boolean) => (tasks.some(fits) ? tasks.filter(fits) : tasks);

/** The verbs of a task, the same in the list, on its page and in the action bar. */
export function useTaskActions() {
  const { open } = usePlanHost();
  const me = useMe();
  return useMemo(() => {
    const may = (operation: string) => covers(me?.grants ?? [], operation);
    const mayCancel = may('Tasks.Cancel');
    const mayTryAgain = may('Tasks.Retry');
    const cancel = (tasks: readonly Task[]) => open((close) => (
      <PlanDrawer title={`Cancel: ${named(tasks)}`} operation="tasks/cancel" requests={requests(tasks)} sentence={`Stop ${named(tasks)}`} verb={tasks.length === 1 ? 'Cancel the task' : 'Cancel the tasks'} close={close} />
    ));
    const retry = (tasks: readonly Task[]) => open((close) => (
      <PlanDrawer title={`Retry: ${named(tasks)}`} operation="tasks/retry" requests={requests(tasks)} sentence={`Try ${named(tasks)} again`} verb="Retry" close={close} />
    ));

    const forRow = (task: Task): IAction[] => [
      { title: 'Retry', onClick: () => retry([task]), isDisabled: !mayTryAgain || !mayRetry(task) },
      { title: 'Cancel', onClick: () => cancel([task]), isDisabled: !mayCancel || hasEnded(task) },
    ];
    const forMany: BulkAction<Task>[] = [
      ...(mayTryAgain ? [{ title: 'Retry', run: (tasks: Task[]) => retry(fitting(tasks, mayRetry)) }] : []),
      ...(mayCancel ? [{ title: 'Cancel', run: (tasks: Task[]) => cancel(fitting(tasks, (task) => !hasEnded(task))) }] : []),
    ];
    return { cancel, retry, forRow, forMany, mayCancel, mayTryAgain };
  }, [open, me]);
}
