import { Menu, MenuContent, MenuGroup, MenuItem, MenuList, Popper, SearchInput, Spinner } from '@patternfly/react-core';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useNavigate } from 'react-router';
import { useMe } from '../api/queries';
import { StateLabel } from '../ui/StateLabel';
import { Name } from '../ui/text';
import { Time } from '../ui/Time';
import { findCommands } from './commands';
import { useFound, type Hit } from './useFound';

const mostCommands = 5;

/** One box for everything that has a name. Enter opens what is marked. */
export function Search() {
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  const [marked, setMarked] = useState(0);
  const [waiting, setWaiting] = useState(false);
  const navigate = useNavigate();
  const box = useRef<HTMLDivElement>(null);
  const me = useMe();
  const typed = text.trim();
  const { groups: found, failures, isSettled } = useFound(typed, waiting);

  const commands = typed && me ? findCommands(typed, me).slice(0, mostCommands).map((c): Hit => ({ key: c.title, name: c.title, ...(c.to ? { to: c.to } : {}), ...(c.run ? { run: c.run } : {}) })) : [];
  const groups = [...found, ...(commands.length > 0 ? [{ title: 'Commands', hits: commands }] : [])];
  const hits = groups.flatMap((group) => group.hits);
  const shown = open && typed !== '';

  const go = (hit: Hit) => {
    setOpen(false);
    setText('');
    setMarked(0);
    hit.run?.();
    if (hit.to) void navigate(hit.to);
  };

  // Enter means what is typed, not what was found for the letters before it.
  useEffect(() => {
    if (!waiting || !isSettled) return;
    setWaiting(false);
    if (hits[marked]) go(hits[marked]);
  });

  const keys = (e: KeyboardEvent) => {
    if (e.key === 'ArrowDown') setMarked((marked + 1) % Math.max(1, hits.length));
    else if (e.key === 'ArrowUp') setMarked((marked + hits.length - 1) % Math.max(1, hits.length));
    else if (e.key === 'Enter' && shown) setWaiting(true);
    else if (e.key === 'Escape') {
      setOpen(false);
      setWaiting(false);
    } else return;
    e.preventDefault();
  };

  const input = (
    <SearchInput
      placeholder="Search"
      aria-label="Search machines, images, tasks and commands"
      data-shortcut="/"
      value={text}
      onChange={(_, value) => (setText(value), setOpen(true), setMarked(0), setWaiting(false))}
      onClear={() => (setText(''), setOpen(false))}
      onFocus={() => setOpen(true)}
      onKeyDown={keys}
      searchInputId="search"
    />
  );
  const menu = (
    <Menu className="mu-hits" onSelect={() => undefined}>
      <MenuContent>
        {!isSettled && <div className="mu-hit-note"><Spinner size="md" aria-label="Searching" /></div>}
        {failures.map((failure) => <div key={failure} className="mu-hit-note mu-failed">{failure}</div>)}
        {isSettled && hits.length === 0 && failures.length === 0 && <div className="mu-hit-note">Nothing is called that.</div>}
        {groups.map((group) => (
          <MenuGroup key={group.title} label={group.title}>
            <MenuList>
              {group.hits.map((hit) => (
                <MenuItem key={hit.key} isFocused={hits[marked] === hit} onClick={() => go(hit)}>
                  <span className="mu-facet"><Name of={hit.name} />{hit.at && <span className="mu-quiet mu-push mu-nowrap"><Time at={hit.at} /></span>}{hit.state && <StateLabel state={hit.state} />}</span>
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
      <span className="pf-v6-screen-reader" role="status">{shown && isSettled ? [...failures, `${hits.length} found${hits[marked] ? `, ${hits[marked].name} marked` : ''}`].join(' ') : ''}</span>
    </div>
  );
}
