import { Alert } from '@patternfly/react-core';
import { Failure } from '../ui/Failure';
import { count } from '../ui/format';
import type { Refusal } from './usePlans';

const most = 20;

/** What the server would not do, each with its reason; one alone is shown in full. */
export function Refusals({ refusals, what, again }: { refusals: readonly Refusal[]; what: 'planned' | 'applied'; again: () => void }) {
  const [first] = refusals;
  if (!first) return null;
  if (refusals.length === 1) return <Failure title={`Cannot be ${what}`} error={first.problem} retry={again} retryText={what === 'planned' ? 'Retry' : 'Plan it again'} />;
  return (
    <Alert component="p" variant="danger" isInline isLiveRegion title={`${count(refusals.length)} cannot be ${what}`}>
      <ul className="mu-plain">
        {refusals.slice(0, most).map((r, i) => <li key={i}><bdi>{String(r.request.machine ?? r.request.image ?? i + 1)}</bdi>: {r.problem.message}</li>)}
        {refusals.length > most && <li>and {count(refusals.length - most)} more</li>}
      </ul>
    </Alert>
  );
}
