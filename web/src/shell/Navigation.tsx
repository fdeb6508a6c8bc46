import { Badge, Nav, NavGroup, NavItem, NavList } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { NavLink, useLocation } from 'react-router';
import { openConditionsQuery, useMe, covers } from '../api/queries';
import { count } from '../ui/format';

interface Entry {
  to: string;
  title: string;
  /** Shown to those who may. */
  operation?: string;
}

// By the operator's questions. A group appears as soon as the product has something in it.
const groups: { title: string; entries: Entry[] }[] = [
  { title: 'Fleet', entries: [{ to: '/machines', title: 'Machines', operation: 'Machines.List' }] },
  { title: 'Content', entries: [{ to: '/images', title: 'Images', operation: 'Images.List' }] },
  { title: 'Change', entries: [{ to: '/tasks', title: 'Tasks', operation: 'Tasks.List' }] },
  {
    title: 'Risk',
    entries: [
      { to: '/drift', title: 'Drift', operation: 'Machines.Drift' },
      { to: '/conditions', title: 'Conditions', operation: 'Conditions.List' },
    ],
  },
  { title: 'Settings', entries: [{ to: '/tokens', title: 'API tokens', operation: 'Tokens.List' }] },
];

export function Navigation() {
  const { pathname } = useLocation();
  const me = useMe();
  const conditions = useQuery(openConditionsQuery).data?.total ?? 0;
  const may = (entry: Entry) => !entry.operation || (me && covers(me.grants, entry.operation));
  const item = ({ to, title }: Entry) => (
    <NavItem key={to} isActive={to === '/' ? pathname === '/' : pathname === to || pathname.startsWith(`${to}/`)} itemId={to}>
      <NavLink to={to} end>
        {title}
        {to === '/conditions' && conditions > 0 && <Badge className="mu-nav-badge" isRead screenReaderText="open">{count(conditions)}</Badge>}
      </NavLink>
    </NavItem>
  );

  return (
    <Nav aria-label="Muster">
      <NavList>{item({ to: '/', title: 'Overview' })}</NavList>
      {groups.map((group) => {
        const entries = group.entries.filter(may);
        return entries.length > 0 && <NavGroup key={group.title} title={group.title}>{entries.map(item)}</NavGroup>;
      })}
    </Nav>
  );
}
