import { Menu, MenuContent, MenuGroup, MenuItem, MenuList, Popper, SearchInput, Spinner } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useNavigate } from 'react-router';
import { read } from '../api/client';
import type { ImageSummary, MachineSummary, Page } from '../api/types';
import { imageAddress, machineAddress } from '../ui/addresses';
import { StateLabel } from '../ui/StateLabel';
import { machineWord } from '../machines/words';
import { Name } from '../ui/text';

interface Hit { key: string; to: string; name: string; state?: string }

/** One box for everything that has a name. Enter opens what is marked. */
export function Search() {
  const [text, setText] = useState('');
  const [asked, setAsked] = useState('');
  const [open, setOpen] = useState(false);
  const [marked, setMarked] = useState(0);
  const navigate = useNavigate();
  const box = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim()), 150);
    return () => clearTimeout(timer);
  }, [text]);

  const found = useQuery({
    queryKey: ['search', asked],
    enabled: asked.length > 0,
    queryFn: async ({ signal }) => {
      const query = { search: asked, limit: 6 };
      const [machines, images] = await Promise.allSettled([
        read<Page<MachineSummary>>('machines/list', query, signal),
        read<Page<ImageSummary>>('images/list', query, signal),
      ]);
      return [
        { title: 'Machines', hits: machines.status === 'fulfilled' ? machines.value.items.map((m): Hit => ({ key: m.id, to: machineAddress(m.name), name: m.name, state: machineWord(m) })) : [] },
        { title: 'Images', hits: images.status === 'fulfilled' ? images.value.items.map((i): Hit => ({ key: i.id, to: imageAddress(i.name), name: i.name })) : [] },
      ].filter((group) => group.hits.length > 0);
    },
  });
  const groups = asked ? found.data ?? [] : [];
  const hits = groups.flatMap((group) => group.hits);
  const shown = open && asked !== '' && text.trim() !== '';

  const go = (hit: Hit) => {
    setOpen(false);
    setText('');
    void navigate(hit.to);
  };

  const keys = (e: KeyboardEvent) => {
    if (e.key === 'ArrowDown') setMarked((marked + 1) % Math.max(1, hits.length));
    else if (e.key === 'ArrowUp') setMarked((marked + hits.length - 1) % Math.max(1, hits.length));
    else if (e.key === 'Enter' && hits[marked]) go(hits[marked]);
    else if (e.key === 'Escape') setOpen(false);
    else return;
    e.preventDefault();
  };

  const input = (
    <SearchInput
      placeholder="Search"
      aria-label="Search machines and images"
      data-shortcut="/"
      value={text}
      onChange={(_, value) => (setText(value), setOpen(true), setMarked(0))}
      onClear={() => (setText(''), setOpen(false))}
      onFocus={() => setOpen(true)}
      onKeyDown={keys}
      searchInputId="search"
    />
  );
  const menu = (
    <Menu className="mu-hits" onSelect={() => undefined}>
      <MenuContent>
        {found.isFetching && hits.length === 0 && <div className="mu-hit-note"><Spinner size="md" aria-label="Searching" /></div>}
        {!found.isFetching && hits.length === 0 && <div className="mu-hit-note">Nothing is called that.</div>}
        {groups.map((group) => (
          <MenuGroup key={group.title} label={group.title}>
            <MenuList>
              {group.hits.map((hit) => (
                <MenuItem key={hit.key} isFocused={hits[marked] === hit} onClick={() => go(hit)}>
                  <span className="mu-facet"><Name of={hit.name} />{hit.state && <StateLabel state={hit.state} />}</span>
                </MenuItem>
              ))}
            </MenuList>
          </MenuGroup>
        ))}
      </MenuContent>
    </Menu>
  );
  return (
    <div ref={box} onBlur={(e) => !box.current?.contains(e.relatedTarget) && setTimeout(() => setOpen(false), 150)}>
      <Popper trigger={input} popper={menu} isVisible={shown} appendTo={() => box.current as HTMLElement} enableFlip={false} minWidth="18rem" />
      <span className="pf-v6-screen-reader" role="status">{shown && !found.isFetching ? `${hits.length} found${hits[marked] ? `, ${hits[marked].name} marked` : ''}` : ''}</span>
    </div>
  );
}
