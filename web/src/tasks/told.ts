import type { StreamEvent, Task, TaskDetails } from '../api/types';

/** What `task.progress` carries. */
interface Told {
  done: number;
  total: number;
  unit: string;
  text?: string;
  lines: number;
}

/**
 * Puts the news of a running task into an answer that is shown: a list, its pages, or the task itself. What it does not
 * concern comes back as the same object, so that nobody draws it again.
 */
export function told(answer: unknown, event: Pick<StreamEvent, 'subject' | 'data'>): unknown {
  const { lines, done, total, unit, text } = event.data as unknown as Told;
  const isIt = (task: Task) => task.id === event.subject;
  const moved = (task: Task): Task => (isIt(task) ? { ...task, progress: { done, total, unit, ...(text ? { text } : {}) } } : task);

  const shown = answer as Partial<TaskDetails> & { items?: Task[]; pages?: { items: Task[] }[] } | undefined;
  if (shown?.summary) return isIt(shown.summary) ? { ...shown, summary: moved(shown.summary), logLines: lines } : answer;
  if (shown?.items?.some(isIt)) return { ...shown, items: shown.items.map(moved) };
  if (shown?.pages?.some((page) => page.items.some(isIt))) {
    return { ...shown, pages: shown.pages.map((page) => (page.items.some(isIt) ? { ...page, items: page.items.map(moved) } : page)) };
  }
  return answer;
}
