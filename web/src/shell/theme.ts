import { useSyncExternalStore } from 'react';

export type Theme = 'light' | 'dark' | 'auto';

const key = 'muster.theme';
const dark = window.matchMedia('(prefers-color-scheme: dark)');
const watchers = new Set<() => void>();

function current(): Theme {
  try {
    const stored = localStorage.getItem(key);
    return stored === 'light' || stored === 'dark' ? stored : 'auto';
  } catch {
    return 'auto';
  }
}

function apply(): void {
  const theme = current();
  document.documentElement.classList.toggle('pf-v6-theme-dark', theme === 'dark' || (theme === 'auto' && dark.matches));
  for (const tell of watchers) tell();
}

/** Keeps the page in step with the system and with the other tabs. */
export function followSystem(): void {
  dark.addEventListener('change', apply);
  window.addEventListener('storage', (e) => e.key === key && apply());
  apply();
}

export function setTheme(theme: Theme): void {
  try {
    if (theme === 'auto') localStorage.removeItem(key);
    else localStorage.setItem(key, theme);
  } catch {
    // Storage may be forbidden; then the choice lasts as long as the page.
    document.documentElement.classList.toggle('pf-v6-theme-dark', theme === 'dark');
    return;
  }
  apply();
}

export function useTheme(): Theme {
  return useSyncExternalStore((tell) => {
    watchers.add(tell);
    return () => watchers.delete(tell);
  }, current);
}
