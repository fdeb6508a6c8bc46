import { Tooltip } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { openConditionsQuery } from '../api/queries';
import { count, plural } from '../ui/format';
import { StateLabel } from '../ui/StateLabel';

/** How many troubles last, coloured by the worst. Nothing to see when there are none. */
export function ConditionsBell() {
  const { data } = useQuery(openConditionsQuery);
  if (!data || data.total === 0) return null;
  const worst = ['critical', 'error', 'warning'].find((severity) => data.items.some((c) => c.severity === severity)) ?? 'info';
  const says = `${plural(data.total, 'condition')}, worst: ${worst}`;
  return (
    <Tooltip content={says} aria="none">
      <Link to="/conditions" aria-label={says} className="mu-bare"><StateLabel state={worst}>{count(data.total)}</StateLabel></Link>
    </Tooltip>
  );
}
