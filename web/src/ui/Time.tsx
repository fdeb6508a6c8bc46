import type { Instant } from '../api/types';
import { useNow } from './clock';
import { exact, relative } from './time';

/** An instant as its age; the exact time, with zone, is its tooltip. */
export function Time({ at, none = 'never' }: { at: Instant | null | undefined; none?: string }) {
  const now = useNow();
  if (!at) return <span className="mu-quiet">{none}</span>;
  const then = new Date(at);
  return (
    <time dateTime={then.toISOString()} title={exact(then)}>
      {relative(then, now < then && then.getTime() - now.getTime() < 6000 ? then : now)}
    </time>
  );
}

/** For time lines, where the order matters more than the age. */
export function ExactTime({ at }: { at: Instant }) {
  const now = useNow();
  const then = new Date(at);
  return (
    <time dateTime={then.toISOString()} title={relative(then, now)} className="mu-mono">
      {exact(then)}
    </time>
  );
}
