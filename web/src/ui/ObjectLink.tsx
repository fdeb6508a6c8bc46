import { Tooltip } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { showQuery } from '../api/queries';
import type { ImageDetails, MachineDetails, ObjectName } from '../api/types';
import { shownState } from '../machines/words';
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
  const isMachine = object.kind === 'machine';
  const machine = useQuery({ ...showQuery<MachineDetails>('machines', 'machines/show', { machine: object.id }), enabled: isMachine }).data?.summary;
  const image = useQuery({ ...showQuery<ImageDetails>('images', 'images/show', { image: object.id }), enabled: !isMachine }).data?.summary;
  if (machine) return <>{shownState(machine)}: {machine.why}</>;
  if (image) return <>{bytes(image.bytes)}, {plural(image.files, 'file')}, required by {plural(image.machines, 'machine')}</>;
  return <>{object.name}</>;
}
