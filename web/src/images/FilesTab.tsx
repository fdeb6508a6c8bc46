import { Breadcrumb, BreadcrumbItem } from '@patternfly/react-core';
import FileIcon from '@patternfly/react-icons/dist/esm/icons/file-icon';
import FolderIcon from '@patternfly/react-icons/dist/esm/icons/folder-icon';
import HddIcon from '@patternfly/react-icons/dist/esm/icons/hdd-icon';
import LinkIcon from '@patternfly/react-icons/dist/esm/icons/link-icon';
import PlugIcon from '@patternfly/react-icons/dist/esm/icons/plug-icon';
import { useMemo, type ComponentType } from 'react';
import { Link, useSearchParams } from 'react-router';
import { ancestors, escapePath, pathArgument, unescapePath } from '../api/paths';
import type { ImageEntry, PathBytes } from '../api/types';
import { bytes, mode } from '../ui/format';
import type { Column, Facet } from '../ui/list/columns';
import { directoryEntries } from '../ui/list/kinds';
import { List } from '../ui/list/List';
import { Digest, PathText } from '../ui/text';
import { Time } from '../ui/Time';
import { DirectoryTree, directoryAddress } from './DirectoryTree';
import { exactTime } from './entryTime';
import { FileView } from './FileView';

const icons: Record<string, ComponentType> = { directory: FolderIcon, file: FileIcon, symlink: LinkIcon, blockDevice: HddIcon, characterDevice: HddIcon, computedFile: FileIcon };

/** Walks an image's tree. Where one stands is in the address. */
export function FilesTab({ image }: { image: string }) {
  const [search] = useSearchParams();
  const path = unescapePath(search.get('path') ?? '/');
  const file = search.get('file');
  return (
    <div className="mu-browser">
      <DirectoryTree image={image} path={file ? unescapePath(file) : path} />
      <div>
        <Where path={file ? unescapePath(file) : path} isFile={file !== null} />
        {file !== null ? <FileView key={file} image={image} path={unescapePath(file)} /> : <Directory key={escapePath(path)} image={image} path={path} />}
      </div>
    </div>
  );
}

const fileAddress = (path: PathBytes) => `?${new URLSearchParams({ tab: 'files', file: escapePath(path) })}`;

function Where({ path, isFile }: { path: PathBytes; isFile: boolean }) {
  const way = ancestors(path);
  return (
    <Breadcrumb aria-label="Path" className="mu-below mu-mono">
      <BreadcrumbItem isActive={way.length === 0} render={({ className }) => <Link className={className} to={directoryAddress('/')}>/</Link>} />
      {way.map((step, index) => {
        const last = index === way.length - 1;
        return (
          <BreadcrumbItem
            key={index}
            isActive={last}
            {...(last && isFile ? {} : { render: ({ className }: { className: string }) => <Link className={className} to={directoryAddress(step.path)}><PathText path={step.name} /></Link> })}
          >
            {last && isFile ? <PathText path={step.name} /> : null}
          </BreadcrumbItem>
        );
      })}
    </Breadcrumb>
  );
}

const columns: Column<ImageEntry>[] = [
  { id: 'name', title: 'Name', fixed: true, width: '38%', value: (e) => e.name, cell: (e) => <EntryName entry={e} /> },
  { id: 'mode', title: 'Mode', width: '7.5rem', value: (e) => e.mode, cell: (e) => <code title={e.mode}>{mode(e.kind, parseInt(e.mode, 8))}</code> },
  { id: 'owner', title: 'Owner', width: '6rem', value: (e) => `${e.uid}:${e.gid}`, cell: (e) => <code>{e.uid}:{e.gid}</code> },
  { id: 'size', title: 'Size', number: true, width: '6rem', value: (e) => e.size, cell: (e) => e.size !== undefined && bytes(e.size) },
  { id: 'modified', title: 'Modified', width: '8rem', value: exactTime, cell: (e) => e.modified && <Time at={e.modified} /> },
  { id: 'content', title: 'Content', value: (e) => e.content, cell: (e) => <>{e.content && <Digest of={e.content} />}{e.hardLinks > 1 && <span className="mu-quiet"> {e.hardLinks} links</span>}</> },
];

const facets: Facet[] = [{ id: 'kind', title: 'Kind', values: ['directory', 'file', 'symlink'], word: (kind) => kind.replace(/[A-Z]/g, (c) => ` ${c.toLowerCase()}`) }];

function Directory({ image, path }: { image: string; path: PathBytes }) {
  const argument = pathArgument(path);
  return (
    <List<ImageEntry>
      isPart
      kind={useMemo(() => directoryEntries(image, argument), [image, argument])}
      title={`Entries of ${escapePath(path)}`}
      one="entry"
      many="entries"
      columns={columns}
      facets={facets}
      id={(e) => escapePath(e.path)}
      name={(e) => e.name}
      signature={(e) => e.mode}
      empty={<p className="mu-quiet">This directory is empty.</p>}
    />
  );
}

function EntryName({ entry }: { entry: ImageEntry }) {
  const Icon = icons[entry.kind] ?? PlugIcon;
  const name = <bdi className="mu-break">{entry.name}</bdi>;
  return (
    <>
      <span className="mu-entry mu-mono">
        <Icon aria-hidden />
        <span className="pf-v6-screen-reader">{entry.kind} </span>
        {entry.kind === 'directory' ? <Link to={directoryAddress(entry.path)}>{name}</Link> : entry.kind === 'file' ? <Link to={fileAddress(entry.path)}>{name}</Link> : name}
        {entry.target !== undefined && <span className="mu-quiet">→ <bdi>{entry.target}</bdi></span>}
        {entry.device && <span className="mu-quiet">{entry.kind} {entry.device}</span>}
      </span>
      {entry.xattrs.map((x) => <div key={x.name} className="mu-quiet mu-mono mu-break mu-small">{x.name}: <bdi>{x.value}</bdi></div>)}
    </>
  );
}
