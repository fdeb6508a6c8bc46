import TasksIcon from '@patternfly/react-icons/dist/esm/icons/tasks-icon';
import { Link } from 'react-router';
import type { Task } from '../api/types';
import { taskAddress } from '../ui/addresses';
import { Nothing } from '../ui/Failure';
import type { Column, Facet } from '../ui/list/columns';
import { taskList } from '../ui/list/kinds';
import { List } from '../ui/list/List';
import { ObjectLink } from '../ui/ObjectLink';
import { StateLabel } from '../ui/StateLabel';
import { Name } from '../ui/text';
import { Time } from '../ui/Time';
import { useTaskActions } from './actions';
import { TaskProgress } from './TaskProgress';
import { TaskTook } from './TaskTook';
import { asSentence, endedStates, lasted, runningStates, taskWord } from './words';

const columns: Column<Task>[] = [
  { id: 'title', title: 'What', fixed: true, sort: 'title', width: '27%', value: (t) => t.title, cell: (t) => <Link to={taskAddress(t.id)} className="mu-main-link"><Name of={t.title} /></Link> },
  { id: 'state', title: 'State', sort: 'state', width: '7.5rem', value: (t) => taskWord(t.state), cell: (t) => <span className="mu-states"><StateLabel state={taskWord(t.state)} /></span> },
  { id: 'step', title: 'Step', value: (t) => t.why ?? t.step, cell: (t) => <Step of={t} /> },
  { id: 'begun', title: 'Begun', sort: 'createdAt', width: '6.5rem', value: (t) => t.createdAt, cell: (t) => <Time at={t.createdAt} /> },
  { id: 'ended', title: 'Ended', extra: true, sort: 'endedAt', value: (t) => t.endedAt, cell: (t) => <Time at={t.endedAt} none="not yet" /> },
  { id: 'took', title: 'Took', number: true, width: '6rem', value: (t) => lasted(t, new Date()), cell: (t) => <TaskTook of={t} none="–" /> },
  { id: 'by', title: 'By', sort: 'createdBy', width: '6.5rem', value: (t) => t.createdBy, cell: (t) => <Name of={t.createdBy} /> },
  { id: 'subject', title: 'About', extra: true, value: (t) => t.subject?.name, cell: (t) => (t.subject ? <ObjectLink object={t.subject} /> : <span className="mu-quiet">–</span>) },
  { id: 'kind', title: 'Operation', extra: true, sort: 'kind', value: (t) => t.kind, cell: (t) => <code>{t.kind}</code> },
];

// What it does now, with how far it is; or what went wrong.
function Step({ of: task }: { of: Task }) {
  if (task.why) return <span className="mu-clip2" title={task.why}><Name of={asSentence(task.why)} />{task.state === 'retrying' && <> Again <Time at={task.dueAt} />.</>}</span>;
  if (!task.step) return <span className="mu-quiet">–</span>;
  if (task.state === 'queued') return <span className="mu-quiet"><Name of={task.step} /></span>;
  return <><Name of={task.step} /><TaskProgress task={task} /></>;
}

const facets: Facet[] = [
  { id: 'state', title: 'State', values: [...runningStates, ...endedStates], show: (v) => <StateLabel state={taskWord(v)} />, word: taskWord },
  { id: 'kind', title: 'Operation' },
  { id: 'createdBy', title: 'By' },
];

export function TasksPage() {
  const actions = useTaskActions();
  return (
    <List<Task>
      kind={taskList}
      title="Tasks"
      one="task"
      many="tasks"
      columns={columns}
      facets={facets}
      id={(t) => t.id}
      name={(t) => t.title}
      signature={(t) => [t.state, t.step, t.why].join()}
      rowActions={actions.forRow}
      bulkActions={actions.forMany}
      empty={<Nothing icon={TasksIcon} title="No tasks">Work of several steps stands here with its progress, its log and how it ended. Verifying an image, from its page, is such work.</Nothing>}
    />
  );
}
