import type { Task, TaskState, TaskStep } from '../api/types';
import { took } from '../ui/time';

const words: Record<string, string> = { undoing: 'taking back', undone: 'taken back', stuck: 'not taken back' };

/** The state of a task, or of a step of it, as people say it. */
export const taskWord = (state: string) => words[state] ?? state;

export const runningStates: readonly TaskState[] = ['queued', 'running', 'retrying', 'undoing'];
export const endedStates: readonly TaskState[] = ['done', 'failed', 'cancelled'];

export const hasEnded = (task: Pick<Task, 'state'>) => endedStates.includes(task.state);
export const mayRetry = (task: Pick<Task, 'state'>) => task.state === 'failed' || task.state === 'cancelled';

/** What a step is to who looks at the whole: one that waits for another attempt, or was stopped, has not failed. */
export function stepWord(step: Pick<TaskStep, 'state'>, task: Pick<Task, 'state' | 'code'>): string {
  if (step.state === 'running' && task.state === 'retrying') return 'retrying';
  if (step.state === 'failed' && task.code === 'task.cancelled') return 'cancelled';
  return taskWord(step.state);
}

/** How long it took; what has not ended says so far, in whole seconds. Nothing for what has not begun. */
export function lasted({ startedAt, endedAt }: Pick<TaskStep, 'startedAt' | 'endedAt'>, now: Date): string {
  if (!startedAt) return '';
  const from = new Date(startedAt).getTime();
  if (endedAt) return took(new Date(endedAt).getTime() - from);
  // A clock that is behind the server's must not make it negative.
  const seconds = Math.max(0, Math.floor((now.getTime() - from) / 1000));
  return seconds < 60 ? `${seconds} s` : took(seconds * 1000);
}

/** What the server says goes on from a colon there; alone it is a sentence. */
export function asSentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
