import { Tooltip } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { showQuery } from '../api/queries';
import type { ImageDetails, MachineDetails, ObjectName, TaskDetails } from '../api/types';
import { shownState } from '../machines/words';
import { taskWord } from '../tasks/words';
import { objectAddress } from './addresses';
import { bytes, plural } from './format';
import { Name } from './text';

/** Everything that refers to another object leads to it, and says how that is to whoever hovers. */
export function ObjectLink({ object }: { object: ObjectName }) {
  const to = objectAddress(object);
  const name = <Name of={object.name || 'new'} />;
  if (!to) return name;
  return <Tooltip content={<Glance object={object} />} entryDelay={400} aria="none"><Link to={to}>{name}</Link></Tooltip>;
}

// Only asked once the tooltip is open.
function Glance({ object }: { object: ObjectName }) {
  const { kind, id } = object;
  const machine = useQuery({ ...showQuery<MachineDetails>('machines', 'machines/show', { machine: id }), enabled: kind === 'machine' }).data?.summary;
  const image = useQuery({ ...showQuery<ImageDetails>('images', 'images/show', { image: id }), enabled: kind === 'image' }).data?.summary;
  const task = useQuery({ ...showQuery<TaskDetails>('tasks', 'tasks/show', { task: id }), enabled: kind === 'task' }).data?.summary;
  if (machine) return <>{shownState(machine)}: {machine.why}</>;
  if (image) return <>{bytes(image.bytes)}, {plural(image.files, 'file')}, required by {plural(image.machines, 'machine')}</>;
  if (task) return <>{taskWord(task.state)}{task.why ? `: ${task.why}` : ''}</>;
  return <>{object.name}</>;
}
