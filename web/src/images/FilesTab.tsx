import { Breadcrumb, BreadcrumbItem } from '@patternfly/react-core';
import FileIcon from '@patternfly/react-icons/dist/esm/icons/file-icon';
import FolderIcon from '@patternfly/react-icons/dist/esm/icons/folder-icon';
import HddIcon from '@patternfly/react-icons/dist/esm/icons/hdd-icon';
import LinkIcon from '@patternfly/react-icons/dist/esm/icons/link-icon';
import PlugIcon from '@patternfly/react-icons/dist/esm/icons/plug-icon';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import type { ComponentType } from 'react';
import { Link, useSearchParams } from 'react-router';
import { ancestors, escapePath, pathArgument, unescapePath } from '../api/paths';
import type { ImageEntry, PathBytes } from '../api/types';
import { Feed } from '../ui/Feed';
import { bytes, mode } from '../ui/format';
import { Digest, PathText } from '../ui/text';
import { Time } from '../ui/Time';
import { FileView } from './FileView';

const icons: Record<string, ComponentType> = { directory: FolderIcon, file: FileIcon, symlink: LinkIcon, blockDevice: HddIcon, characterDevice: HddIcon, computedFile: FileIcon };

/** Walks an image's tree. Where one stands is in the address. */
export function FilesTab({ image }: { image: string }) {
  const [search] = useSearchParams();
  const path = unescapePath(search.get('path') ?? '/');
  const file = search.get('file');
  return (
    <>
      <Where path={file ? unescapePath(file) : path} isFile={file !== null} />
      {file !== null ? <FileView key={file} image={image} path={unescapePath(file)} /> : <Directory key={escapePath(path)} image={image} path={path} />}
    </>
  );
}

const directoryAddress = (path: PathBytes) => `?${new URLSearchParams({ tab: 'files', path: escapePath(path) })}`;
export const fileAddress = (path: PathBytes) => `?${new URLSearchParams({ tab: 'files', file: escapePath(path) })}`;

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

function Directory({ image, path }: { image: string; path: PathBytes }) {
  return (
    <Feed<ImageEntry> noun="images" path="images/browse" query={{ image, path: pathArgument(path) }} one="entry" many="entries" empty={<p className="mu-quiet">This directory is empty.</p>}>
      {(items) => (
        <Table aria-label={`Entries of ${escapePath(path)}`} variant="compact" gridBreakPoint="grid-md" className="mu-table">
          <Thead><Tr><Th width={40}>Name</Th><Th>Mode</Th><Th>Owner</Th><Th className="mu-number">Size</Th><Th>Modified</Th><Th>Content</Th></Tr></Thead>
          <Tbody>{items.map((entry) => <EntryRow key={escapePath(entry.path)} entry={entry} />)}</Tbody>
        </Table>
      )}
    </Feed>
  );
}

function EntryRow({ entry }: { entry: ImageEntry }) {
  const Icon = icons[entry.kind] ?? PlugIcon;
  const name = <bdi className="mu-break">{entry.name}</bdi>;
  return (
    <Tr>
      <Td dataLabel="Name">
        <span className="mu-entry mu-mono">
          <Icon aria-hidden />
          <span className="pf-v6-screen-reader">{entry.kind} </span>
          {entry.kind === 'directory' ? <Link to={directoryAddress(entry.path)}>{name}</Link> : entry.kind === 'file' ? <Link to={fileAddress(entry.path)}>{name}</Link> : name}
          {entry.target !== undefined && <span className="mu-quiet">→ <bdi>{entry.target}</bdi></span>}
          {entry.device && <span className="mu-quiet">{entry.kind} {entry.device}</span>}
        </span>
        {entry.xattrs.map((x) => <div key={x.name} className="mu-quiet mu-mono mu-break mu-small">{x.name}: <bdi>{x.value}</bdi></div>)}
      </Td>
      <Td dataLabel="Mode"><code title={entry.mode}>{mode(entry.kind, parseInt(entry.mode, 8))}</code></Td>
      <Td dataLabel="Owner"><code>{entry.uid}:{entry.gid}</code></Td>
      <Td dataLabel="Size" className="mu-number">{entry.size !== undefined && bytes(entry.size)}</Td>
      <Td dataLabel="Modified">{entry.modified && <span className="mu-nowrap"><Time at={entry.modified} /></span>}</Td>
      <Td dataLabel="Content">{entry.content && <Digest of={entry.content} />}{entry.hardLinks > 1 && <span className="mu-quiet"> {entry.hardLinks} links</span>}</Td>
    </Tr>
  );
}
