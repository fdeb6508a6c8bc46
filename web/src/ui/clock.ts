import { useSyncExternalStore } from 'react';

// One clock for the whole page: thousands of ages on it share a single timer.
let now = new Date();
const watchers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  now = new Date();
  for (const tell of watchers) tell();
}

function watch(tell: () => void): () => void {
  if (watchers.size === 0) {
    now = new Date();
    timer = setInterval(tick, 5000);
  }
  watchers.add(tell);
  return () => {
    watchers.delete(tell);
    if (watchers.size === 0) clearInterval(timer);
  };
}

/** The present, a few seconds exact. */
export function useNow(): Date {
  return useSyncExternalStore(watch, () => now);
}
