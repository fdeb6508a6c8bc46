import CheckCircleIcon from '@patternfly/react-icons/dist/esm/icons/check-circle-icon';
import type { Condition } from '../api/types';
import { Nothing } from '../ui/Failure';
import { ObjectLink } from '../ui/ObjectLink';
import { StateLabel } from '../ui/StateLabel';
import { Time } from '../ui/Time';

/** Lasting troubles, each with what mends it. */
export function Conditions({ of }: { of: readonly Condition[] }) {
  if (of.length === 0) return <Nothing icon={CheckCircleIcon} title="No lasting trouble">A full disk, a certificate near its end or a file that something keeps changing would be named here.</Nothing>;
  return (
    <ul className="mu-cards">
      {of.map((condition) => (
        <li key={`${condition.object?.id ?? ''}${condition.code}`}>
          <div className="mu-row mu-row-start">
            <StateLabel state={condition.severity} />
            <strong>{condition.title}</strong>
            {condition.object && <ObjectLink object={condition.object} />}
            <span className="mu-quiet mu-push">since <Time at={condition.since} /></span>
          </div>
          <p>{condition.text}</p>
          {condition.cure && <p className="mu-quiet">{condition.cure}</p>}
          <code className="mu-quiet">{condition.code}</code>
        </li>
      ))}
    </ul>
  );
}
