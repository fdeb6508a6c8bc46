import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { read } from '../api/client';
import { useCan } from '../api/queries';
import type { ImageSummary, Instant, MachineSummary, Page, Task } from '../api/types';
import { shownState } from '../machines/words';
import { taskWord } from '../tasks/words';
import { imageAddress, machineAddress, taskAddress } from '../ui/addresses';

export interface Hit {
  key: string;
  name: string;
  state?: string;
  /** When it was, for things of which several have one name. */
  at?: Instant;
  to?: string;
  run?: () => void;
}

const most = 6;
const pause = 150;

/** Objects whose names contain what is typed. `isSettled` says that the answer is about exactly that, and not about the letters before. */
export function useFound(typed: string, atOnce: boolean) {
  const [asked, setAsked] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setAsked(typed), atOnce ? 0 : pause);
    return () => clearTimeout(timer);
  }, [typed, atOnce]);
  const query = { search: asked, limit: most };
  const mayMachines = useCan('Machines.List');
  const mayImages = useCan('Images.List');
  const mayTasks = useCan('Tasks.List');
  const machines = useQuery({
    queryKey: ['machines', 'search', asked],
    enabled: asked !== '' && mayMachines,
    queryFn: ({ signal }) => read<Page<MachineSummary>>('machines/list', query, signal),
  });
  const images = useQuery({
    queryKey: ['images', 'search', asked],
    enabled: asked !== '' && mayImages,
    queryFn: ({ signal }) => read<Page<ImageSummary>>('images/list', query, signal),
  });
  const tasks = useQuery({
    queryKey: ['tasks', 'search', asked],
    enabled: asked !== '' && mayTasks,
    queryFn: ({ signal }) => read<Page<Task>>('tasks/list', query, signal),
  });

  const isCurrent = asked === typed;
  const groups = isCurrent && typed !== ''
    ? [
        { title: 'Machines', hits: machines.data?.items.map((m): Hit => ({ key: m.id, to: machineAddress(m.id), name: m.name, state: shownState(m) })) ?? [] },
        { title: 'Images', hits: images.data?.items.map((i): Hit => ({ key: i.id, to: imageAddress(i.id), name: i.name })) ?? [] },
        { title: 'Tasks', hits: tasks.data?.items.map((t): Hit => ({ key: t.id, to: taskAddress(t.id), name: t.title, state: taskWord(t.state), at: t.createdAt })) ?? [] },
      ].filter((group) => group.hits.length > 0)
    : [];
  // What cannot be searched is not said to be empty.
  const failures = isCurrent
    ? Object.entries({ Machines: machines, Images: images, Tasks: tasks }).flatMap(([what, { error }]) => (error ? [`${what} cannot be searched: ${error.message}`] : []))
    : [];
  return { groups, failures, isSettled: isCurrent && !machines.isFetching && !images.isFetching && !tasks.isFetching };
}
