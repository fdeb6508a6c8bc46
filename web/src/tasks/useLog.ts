import { useEffect, useState } from 'react';
import { read } from '../api/client';
import type { Page, TaskLine } from '../api/types';

const atOnce = 1000;

/** All that a task has said, from its first line to the last of the `known` ones; new lines are asked for, old ones never again. */
export function useLog(task: string, known: number) {
  const [lines, setLines] = useState<readonly TaskLine[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);
  const last = lines.at(-1)?.number ?? 0;
  // How far behind it is does not matter: a request under way is not begun anew for each line that comes meanwhile.
  const isBehind = last < known;
  // News of more lines says that the server is back.
  const backAt = error === null ? 0 : known;

  useEffect(() => {
    if (!isBehind) return;
    const stop = new AbortController();
    read<Page<TaskLine>>('tasks/log', { task, after: last, limit: atOnce }, stop.signal).then(
      (page) => {
        if (stop.signal.aborted) return;
        setError(null);
        setLines((before) => [...before, ...page.items]);
      },
      (failure: unknown) => {
        if (!stop.signal.aborted) setError(failure);
      },
    );
    return () => stop.abort();
  }, [task, last, isBehind, attempt, backAt]);

  return { lines, error, isBehind, retry: () => setAttempt((n) => n + 1) };
}
