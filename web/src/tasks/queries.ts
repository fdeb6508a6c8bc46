import { showQuery } from '../api/queries';
import type { Page, Task } from '../api/types';
import { endedStates, runningStates } from './words';

/** What is not over yet, for the top bar. */
export const runningTasksQuery = showQuery<Page<Task>>('tasks', 'tasks/list', { state: runningStates.join(','), limit: 20 });

/** What has ended last. */
export const endedTasksQuery = showQuery<Page<Task>>('tasks', 'tasks/list', { state: endedStates.join(','), sort: '-endedAt', limit: 5 });
