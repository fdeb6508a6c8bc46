import type { TaskStep } from '../api/types';
import { useSecond } from '../ui/clock';
import { lasted } from './words';

/** How long it took, or has taken so far. */
export function TaskTook({ of, none = '' }: { of: Pick<TaskStep, 'startedAt' | 'endedAt'>; none?: string }) {
  return of.startedAt && !of.endedAt ? <SoFar of={of} /> : <>{lasted(of, new Date()) || <span className="mu-quiet">{none}</span>}</>;
}

// Only what still goes on needs the clock.
function SoFar({ of }: { of: Pick<TaskStep, 'startedAt' | 'endedAt'> }) {
  return <>{lasted(of, useSecond())}</>;
}
