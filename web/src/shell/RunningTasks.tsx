import { Badge, Divider, Dropdown, DropdownGroup, DropdownItem, DropdownList, MenuToggle } from '@patternfly/react-core';
import TasksIcon from '@patternfly/react-icons/dist/esm/icons/tasks-icon';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, type LinkProps } from 'react-router';
import type { Task } from '../api/types';
import { endedTasksQuery, runningTasksQuery } from '../tasks/queries';
import { TaskProgress } from '../tasks/TaskProgress';
import { taskWord } from '../tasks/words';
import { taskAddress } from '../ui/addresses';
import { count, plural } from '../ui/format';
import { StateLabel } from '../ui/StateLabel';
import { Name } from '../ui/text';
import { Time } from '../ui/Time';

const width = 'min(26rem, 94vw)';

/** How many tasks run, and a short list of them and of the last that ended, each leading to its page. */
export function RunningTasks() {
  const [open, setOpen] = useState(false);
  const running = useQuery(runningTasksQuery);
  const ended = useQuery({ ...endedTasksQuery, enabled: open });
  const total = running.data?.total ?? 0;
  const failure = running.error ?? ended.error;
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={() => setOpen(false)}
      popperProps={{ position: 'right', preventOverflow: true, minWidth: width, maxWidth: width }}
      isScrollable
      maxMenuHeight="75vh"
      toggle={(ref) => (
        <MenuToggle ref={ref} variant="plain" className="mu-tasks-toggle" isExpanded={open} onClick={() => setOpen(!open)} aria-label={total > 0 ? `Tasks: ${count(total)} not ended` : 'Tasks: none running'}>
          <TasksIcon />{total > 0 && <Badge className="mu-tasks-count">{count(total)}</Badge>}
        </MenuToggle>
      )}
    >
      {failure && <div className="mu-hit-note mu-failed">Tasks cannot be shown: {failure.message}</div>}
      <Group title={total > 0 ? `${plural(total, 'task')} not ended` : 'Nothing runs'} tasks={running.data?.items ?? []} />
      {(ended.data?.items.length ?? 0) > 0 && <><Divider /><Group title="Ended last" tasks={ended.data?.items ?? []} /></>}
      <Divider />
      <DropdownList><DropdownItem to="/tasks" component={RouterLink}>All tasks</DropdownItem></DropdownList>
    </Dropdown>
  );
}

function Group({ title, tasks }: { title: string; tasks: readonly Task[] }) {
  if (tasks.length === 0) return <div className="mu-hit-note mu-quiet">{title}</div>;
  return (
    <DropdownGroup label={title}>
      <DropdownList>
        {tasks.map((task) => (
          <DropdownItem key={task.id} className="mu-tasks-item" to={taskAddress(task.id)} component={RouterLink}>
            <span className="mu-facet"><Name of={task.title} /><StateLabel state={taskWord(task.state)} /></span>
            {task.endedAt
              ? <span className="mu-quiet mu-small"><Time at={task.endedAt} />{task.why && <span className="mu-clip"><Name of={task.why} /></span>}</span>
              : <TaskProgress task={task} />}
          </DropdownItem>
        ))}
      </DropdownList>
    </DropdownGroup>
  );
}

// One component for all renderings: another at each progress would take the focus away.
function RouterLink({ href, ...rest }: Omit<LinkProps, 'to'> & { href?: string }) {
  return <Link to={href ?? ''} {...rest} />;
}
