import { Skeleton } from '@patternfly/react-core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { count } from './format';

/** A number that leads to the list it counts. Zero is quiet; trouble is not. */
export function Tile({ to, title, icon, value, tone, failed = false }: {
  to: string;
  title: string;
  icon?: ReactNode;
  value: number | undefined;
  tone?: 'good' | 'moving' | 'warning' | 'danger';
  failed?: boolean;
}) {
  return (
    <Link to={to} className={`mu-tile ${tone && value ? `mu-tile-${tone}` : ''} ${value === 0 ? 'mu-tile-zero' : ''}`}>
      <span className="mu-tile-number">{value !== undefined ? count(value) : failed ? '–' : <Skeleton width="3rem" screenreaderText="Loading" />}</span>
      <span className="mu-tile-title">{icon}{title}</span>
    </Link>
  );
}
