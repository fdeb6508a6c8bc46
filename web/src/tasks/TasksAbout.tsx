import { Title } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { showQuery, useCan } from '../api/queries';
import type { Page, Task } from '../api/types';
import { taskAddress } from '../ui/addresses';
import { plural } from '../ui/format';
import { StateLabel } from '../ui/StateLabel';
import { Name } from '../ui/text';
import { Time } from '../ui/Time';
import { TaskProgress } from './TaskProgress';
import { hasEnded, taskWord } from './words';

const most = 5;

/** The last tasks about an object, above what else happened to it. Nothing where there were none. */
export function TasksAbout({ subject }: { subject: string | undefined }) {
  const may = useCan('Tasks.List');
  const { data } = useQuery({ ...showQuery<Page<Task>>('tasks', 'tasks/list', { subject, limit: most }), enabled: may && subject !== undefined });
  if (!data || data.total === 0) return null;
  return (
    <section aria-labelledby="tasks-about" className="mu-tasks-about">
      <Title headingLevel="h2" size="md" id="tasks-about">{plural(data.total, 'task')}{data.total > most && <span className="mu-quiet">, the last {most}</span>}</Title>
      <ul className="mu-follow">
        {data.items.map((task) => (
          <li key={task.id}>
            <StateLabel state={taskWord(task.state)} />
            <Link to={taskAddress(task.id)}><Name of={task.title} /></Link>
            <span className="mu-quiet"><Time at={task.createdAt} /> by <Name of={task.createdBy} /></span>
            {!hasEnded(task) && <TaskProgress task={task} />}
          </li>
        ))}
      </ul>
    </section>
  );
}
