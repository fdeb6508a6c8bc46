import { NotificationBadge, Tooltip } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { openConditionsQuery } from '../api/queries';
import { plural } from '../ui/format';

/** How many troubles last, coloured by the worst. */
export function ConditionsBell() {
  const { data } = useQuery(openConditionsQuery);
  const navigate = useNavigate();
  const total = data?.total ?? 0;
  const urgent = data?.items.some((c) => c.severity === 'error' || c.severity === 'critical') ?? false;
  const says = total === 0 ? 'No open conditions' : `${plural(total, 'open condition')}${urgent ? ', some critical' : ''}`;
  return (
    <Tooltip content={says} aria="none">
      <NotificationBadge variant={total === 0 ? 'read' : urgent ? 'attention' : 'unread'} count={total} aria-label={says} onClick={() => void navigate('/conditions')} />
    </Tooltip>
  );
}
