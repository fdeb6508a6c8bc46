import { Divider, Dropdown, DropdownGroup, DropdownItem, DropdownList, Masthead, MastheadBrand, MastheadContent, MastheadLogo, MastheadMain, MastheadToggle, MenuToggle, PageToggleButton, Toolbar, ToolbarContent, ToolbarGroup, ToolbarItem } from '@patternfly/react-core';
import AdjustIcon from '@patternfly/react-icons/dist/esm/icons/adjust-icon';
import MoonIcon from '@patternfly/react-icons/dist/esm/icons/moon-icon';
import OutlinedUserIcon from '@patternfly/react-icons/dist/esm/icons/outlined-user-icon';
import SunIcon from '@patternfly/react-icons/dist/esm/icons/sun-icon';
import { useMutation } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { Link } from 'react-router';
import { change } from '../api/client';
import { client, covers, meQuery } from '../api/queries';
import type { Me } from '../api/types';
import { toggleExactTimes, useExactTimes } from '../ui/exactly';
import { Name } from '../ui/text';
import { useFlag } from '../ui/useFlag';
import { Brand } from './Brand';
import { ConditionsBell } from './ConditionsBell';
import { RunningTasks } from './RunningTasks';
import { Search } from './Search';
import { showShortcuts } from './Shortcuts';
import { setTheme, useTheme, type Theme } from './theme';

const ChangePassword = lazy(async () => ({ default: (await import('../login/ChangePassword')).ChangePassword }));

export function TopBar({ me, toggle, isOpen }: { me: Me; toggle: () => void; isOpen: boolean }) {
  const mayTasks = covers(me.grants, 'Tasks.List');
  return (
    <Masthead display={{ default: 'inline' }}>
      <MastheadMain>
        <MastheadToggle>
          <PageToggleButton isHamburgerButton variant="plain" aria-label="Navigation" isSidebarOpen={isOpen} onSidebarToggle={toggle} />
        </MastheadToggle>
        <MastheadBrand>
          <MastheadLogo component={(props) => <Link {...props} to="/" aria-label="Muster, overview" />}><Brand /></MastheadLogo>
        </MastheadBrand>
      </MastheadMain>
      <MastheadContent>
        <Toolbar isStatic>
          <ToolbarContent>
            <ToolbarItem className="mu-search"><Search /></ToolbarItem>
            <ToolbarGroup align={{ default: 'alignEnd' }} variant="action-group-plain" gap={{ default: 'gapNone', md: 'gapSm' }}>
              {mayTasks && <ToolbarItem><RunningTasks /></ToolbarItem>}
              <ToolbarItem><ConditionsBell /></ToolbarItem>
              <ToolbarItem><PersonMenu me={me} /></ToolbarItem>
            </ToolbarGroup>
          </ToolbarContent>
        </Toolbar>
      </MastheadContent>
    </Masthead>
  );
}

const themes: [Theme, string, typeof SunIcon][] = [['light', 'Light', SunIcon], ['dark', 'Dark', MoonIcon], ['auto', 'As the system', AdjustIcon]];

function PersonMenu({ me }: { me: Me }) {
  const [open, setOpen] = useState(false);
  const { on: changing, set: setChanging } = useFlag('password');
  const exactly = useExactTimes();
  const theme = useTheme();
  const signOut = useMutation({
    mutationFn: () => change('logout', {}),
    onSettled: () => {
      client.clear();
      void client.resetQueries({ queryKey: meQuery.queryKey });
      location.reload();
    },
  });

  return (
    <>
      <Dropdown
        isOpen={open}
        onOpenChange={setOpen}
        popperProps={{ position: 'right' }}
        toggle={(ref) => (
          <MenuToggle ref={ref} variant="plainText" isExpanded={open} onClick={() => setOpen(!open)} icon={<OutlinedUserIcon />} aria-label={`${me.name}, your menu`} className="mu-person">
            <Name of={me.name} />
          </MenuToggle>
        )}
      >
        <DropdownGroup label={`${me.name} in ${me.organisationName}`}>
          <DropdownList>
            <DropdownItem onClick={() => (setOpen(false), setChanging(true))}>Change password</DropdownItem>
            <DropdownItem onClick={() => (setOpen(false), showShortcuts())}>Keyboard shortcuts</DropdownItem>
          </DropdownList>
        </DropdownGroup>
        <Divider />
        <DropdownGroup label="Appearance">
          <DropdownList>
            {themes.map(([value, title, Icon]) => (
              <DropdownItem key={value} icon={<Icon />} isSelected={theme === value} onClick={() => setTheme(value)}>{title}</DropdownItem>
            ))}
          </DropdownList>
        </DropdownGroup>
        <Divider />
        <DropdownGroup label="Times">
          <DropdownList>
            <DropdownItem isSelected={!exactly} onClick={() => exactly && toggleExactTimes()}>As ages</DropdownItem>
            <DropdownItem isSelected={exactly} onClick={() => exactly || toggleExactTimes()}>Exact, with the zone</DropdownItem>
          </DropdownList>
        </DropdownGroup>
        <Divider />
        <DropdownList>
          <DropdownItem component="a" to="/api">API reference</DropdownItem>
          <DropdownItem onClick={() => signOut.mutate()}>Sign out</DropdownItem>
        </DropdownList>
      </Dropdown>
      {changing && <Suspense><ChangePassword user={me.name} close={() => setChanging(false)} /></Suspense>}
    </>
  );
}
