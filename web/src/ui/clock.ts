import { useSyncExternalStore } from 'react';

// One clock for the whole page: thousands of ages on it share a single timer.
function clock(period: number): () => Date {
  let now = new Date();
  const watchers = new Set<() => void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  const tick = () => {
    now = new Date();
    for (const tell of watchers) tell();
  };
  const watch = (tell: () => void) => {
    if (watchers.size === 0) {
      now = new Date();
      timer = setInterval(tick, period);
    }
    watchers.add(tell);
    return () => {
      watchers.delete(tell);
      if (watchers.size === 0) clearInterval(timer);
    };
  };
  return () => useSyncExternalStore(watch, () => now);
}

/** The present, a few seconds exact. */
export const useNow = clock(5000);

/** The present to the second, for what is being waited for. */
export const useSecond = clock(1000);
