import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

/** Something that is open or not and stands in the address (`?join=`), so that a link opens it and Back closes it. */
export function useFlag(name: string): { on: boolean; set: (on: boolean) => void } {
  const [search, setSearch] = useSearchParams();
  const set = useCallback((on: boolean) => setSearch((before) => {
    const next = new URLSearchParams(before);
    on ? next.set(name, '') : next.delete(name);
    return next;
  }), [name, setSearch]);
  return { on: search.has(name), set };
}
