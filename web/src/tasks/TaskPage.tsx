import { Button } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { showQuery } from '../api/queries';
import type { Task, TaskDetails } from '../api/types';
import { ActivityTab } from '../events/ActivityTab';
import { progressed } from '../ui/format';
import { ObjectPage } from '../ui/object/ObjectPage';
import { StateLabel } from '../ui/StateLabel';
import { Name } from '../ui/text';
import { Time } from '../ui/Time';
import { useTaskActions } from './actions';
import { TaskOverview } from './TaskOverview';
import { TaskTook } from './TaskTook';
import { asSentence, hasEnded, mayRetry, taskWord } from './words';

export function TaskPage() {
  const { task: asked = '' } = useParams();
  const query = useQuery(showQuery<TaskDetails>('tasks', 'tasks/show', { task: asked }));
  const actions = useTaskActions();
  const task = query.data?.summary;
  return (
    <ObjectPage
      kind="task"
      name={task?.title}
      parent={{ to: '/tasks', title: 'Tasks' }}
      query={query}
      state={task && <StateLabel state={taskWord(task.state)} />}
      why={task && <Why task={task} />}
      buttons={task && (
        <>
          {mayRetry(task) && actions.mayTryAgain && <Button variant={task.state === 'failed' ? 'primary' : 'secondary'} onClick={() => actions.retry([task])}>Retry</Button>}
          {!hasEnded(task) && actions.mayCancel && <Button variant="secondary" onClick={() => actions.cancel([task])}>{task.state === 'undoing' ? 'Stop taking back' : 'Cancel'}</Button>}
        </>
      )}
      tabs={[
        { id: 'overview', title: 'Overview', content: () => <TaskOverview details={query.data} /> },
        { id: 'activity', title: 'Activity', content: () => <ActivityTab subject={task?.id} kind="task.changed" /> },
      ]}
    />
  );
}

/** One line: why it is as it is, and what to do about it. */
function Why({ task }: { task: Task }) {
  const { state, why, cure } = task;
  const reason = why && <><Name of={asSentence(why)} /> </>;
  if (state === 'done') return <>Done <Time at={task.endedAt} />, took <TaskTook of={task} />.</>;
  if (state === 'queued') return <>Waits for its turn.</>;
  if (state === 'retrying') return <>{reason}Tries again <Time at={task.dueAt} />.</>;
  if (state === 'undoing') return <>{reason}Takes back what it did{task.step && <>: <Name of={task.step} /></>}.</>;
  if (state === 'running') return <>{task.step && <Name of={task.step} />}{progressed(task.progress) && `: ${progressed(task.progress)}`}</>;
  return <>{reason}{cure && <span className="mu-cure"><Name of={asSentence(cure)} /></span>}</>;
}
