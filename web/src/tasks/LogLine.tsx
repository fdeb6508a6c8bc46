import ExclamationCircleIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-circle-icon';
import ExclamationTriangleIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon';
import { memo } from 'react';
import { escapePath } from '../api/paths';
import { exact } from '../ui/time';
import { parts, type LogRow } from './log';

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

/** One line: when, what, and how bad, as icon, word and colour. */
export const LogLine = memo(function LogLine({ row, searched, isMarked }: { row: LogRow | undefined; searched: string; isMarked: boolean }) {
  if (!row) return null;
  if ('step' in row) return <div className="mu-log-step">{row.step}</div>;
  const { time, level, text } = row.line;
  const then = new Date(time);
  const Icon = level === 'error' ? ExclamationCircleIcon : level === 'warning' ? ExclamationTriangleIcon : null;
  return (
    <div className={`mu-log-line mu-log-${level}${isMarked ? ' mu-log-marked' : ''}`}>
      <time dateTime={time} title={exact(then)}>{clock.format(then)}</time>
      <span>
        {Icon && <strong><Icon /> {level} </strong>}
        <bdi>{parts(escapePath(text).replaceAll('\\\\', '\\'), searched).map((part, index) => (index % 2 === 1 ? <mark key={index}>{part}</mark> : part))}</bdi>
      </span>
    </div>
  );
});
