import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { read } from '../api/client';
import { useCan } from '../api/queries';
import type { ImageSummary, MachineSummary, Page } from '../api/types';
import { shownState } from '../machines/words';
import { imageAddress, machineAddress } from '../ui/addresses';

export interface Hit {
  key: string;
  name: string;
  state?: string;
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

  const isCurrent = asked === typed;
  const groups = isCurrent && typed !== ''
    ? [
        { title: 'Machines', hits: machines.data?.items.map((m): Hit => ({ key: m.id, to: machineAddress(m.id), name: m.name, state: shownState(m) })) ?? [] },
        { title: 'Images', hits: images.data?.items.map((i): Hit => ({ key: i.id, to: imageAddress(i.id), name: i.name })) ?? [] },
      ].filter((group) => group.hits.length > 0)
    : [];
  // What cannot be searched is not said to be empty.
  const failures = isCurrent
    ? [machines.isError && `Machines cannot be searched: ${machines.error.message}`, images.isError && `Images cannot be searched: ${images.error.message}`].filter((one) => one !== false)
    : [];
  return { groups, failures, isSettled: isCurrent && !machines.isFetching && !images.isFetching };
}
