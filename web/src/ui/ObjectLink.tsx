import { Link } from 'react-router';
import type { ObjectName } from '../api/types';
import { objectAddress } from './addresses';
import { Name } from './text';

/** Everything that refers to another object leads to it. */
export function ObjectLink({ object }: { object: ObjectName }) {
  const to = objectAddress(object);
  const name = <Name of={object.name || 'new'} />;
  return to ? <Link to={to}>{name}</Link> : name;
}
