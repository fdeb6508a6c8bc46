import { driftList } from '../ui/list/kinds';
import { DriftList } from './DriftList';

/** What drifted, on the whole fleet. */
export function DriftPage() {
  return <DriftList kind={driftList} />;
}
