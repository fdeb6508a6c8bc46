import { useSyncExternalStore } from 'react';

// A tooltip is out of reach of a finger and of the keyboard, so exact times can be shown everywhere at once.
const key = 'muster.exact-times';
const watchers = new Set<() => void>();
let exactly = read();

function read(): boolean {
  try {
    return localStorage.getItem(key) !== null;
  } catch {
    return false;
  }
}

export function toggleExactTimes(): void {
  exactly = !exactly;
  try {
    if (exactly) localStorage.setItem(key, '');
    else localStorage.removeItem(key);
  } catch {
    // Storage may be forbidden; then the choice lasts as long as the page.
  }
  for (const tell of watchers) tell();
}

export function useExactTimes(): boolean {
  return useSyncExternalStore((tell) => {
    watchers.add(tell);
    return () => watchers.delete(tell);
  }, () => exactly);
}
