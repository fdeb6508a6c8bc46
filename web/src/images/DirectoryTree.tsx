import { Button } from '@patternfly/react-core';
import AngleDownIcon from '@patternfly/react-icons/dist/esm/icons/angle-down-icon';
import AngleRightIcon from '@patternfly/react-icons/dist/esm/icons/angle-right-icon';
import FolderIcon from '@patternfly/react-icons/dist/esm/icons/folder-icon';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Link } from 'react-router';
import { showQuery } from '../api/queries';
import { ancestors, escapePath, pathArgument } from '../api/paths';
import type { ImageEntry, Page, PathBytes } from '../api/types';

const most = 1000;

export const directoryAddress = (path: PathBytes) => `?${new URLSearchParams({ tab: 'files', path: escapePath(path) })}`;

/** The directories of an image, opened down to where one stands; the others on demand. */
export function DirectoryTree({ image, path }: { image: string; path: PathBytes }) {
  const way = ['/', ...ancestors(path).map((step) => escapePath(step.path))];
  return (
    <nav aria-label="Directories" className="mu-tree">
      <ul><Directory image={image} path="/" name="/" way={way} /></ul>
    </nav>
  );
}

function Directory({ image, path, name, way }: { image: string; path: PathBytes; name: string; way: readonly string[] }) {
  const shown = escapePath(path);
  const onTheWay = way.includes(shown);
  const isHere = way.at(-1) === shown;
  const [open, setOpen] = useState(onTheWay);
  useEffect(() => {
    if (onTheWay) setOpen(true);
  }, [onTheWay]);
  const below = useQuery({
    ...showQuery<Page<ImageEntry>>('images', 'images/browse', { image, path: pathArgument(path), kind: 'directory', limit: most }),
    enabled: open,
    // An image never changes.
    staleTime: Infinity,
    refetchInterval: false,
  });
  const children = below.data?.items ?? [];
  const isLeaf = below.data !== undefined && children.length === 0;
  return (
    <li>
      <span className="mu-branch">
        {isLeaf
          ? <span className="mu-twig" />
          : <Button variant="plain" hasNoPadding className="mu-twig" aria-expanded={open} aria-label={`${open ? 'Close' : 'Open'} ${shown}`} icon={open ? <AngleDownIcon /> : <AngleRightIcon />} onClick={() => setOpen(!open)} />}
        <Link to={directoryAddress(path)} className="mu-mono" {...(isHere ? { 'aria-current': 'page' as const } : {})}><FolderIcon aria-hidden /> <bdi>{name}</bdi></Link>
      </span>
      {open && children.length > 0 && (
        <ul>
          {children.map((child) => <Directory key={escapePath(child.path)} image={image} path={child.path} name={child.name} way={way} />)}
          {(below.data?.total ?? 0) > most && <li className="mu-quiet">and more; filter the list</li>}
        </ul>
      )}
    </li>
  );
}
