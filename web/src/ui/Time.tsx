import type { Instant } from '../api/types';
import { useNow } from './clock';
import { useExactTimes } from './exactly';
import { exact, relative } from './time';

/** An instant as its age, its exact time on hover; or the other way round, for those who asked for exact times. */
export function Time({ at, none = 'never' }: { at: Instant | null | undefined; none?: string }) {
  const now = useNow();
  const exactly = useExactTimes();
  if (!at) return <span className="mu-quiet">{none}</span>;
  const then = new Date(at);
  const age = relative(then, now < then && then.getTime() - now.getTime() < 6000 ? then : now);
  return (
    <time dateTime={then.toISOString()} title={exactly ? age : exact(then)} className={exactly ? 'mu-exact' : ''}>
      {exactly ? exact(then) : age}
    </time>
  );
}
