import { Label } from '@patternfly/react-core';
import { useMemo } from 'react';
import { Link, useSearchParams } from 'react-router';
import { escapePath, unescapePath } from '../api/paths';
import type { ImageDifference } from '../api/types';
import { imageAddress } from '../ui/addresses';
import { Nothing } from '../ui/Failure';
import type { Column, Facet } from '../ui/list/columns';
import { imageDifferences } from '../ui/list/kinds';
import { List } from '../ui/list/List';
import { Name, PathText } from '../ui/text';
import { FileLines } from './FileLines';
import { ImageChoice } from './ImageChoice';
import { Side } from './Side';

const colours: Record<string, 'green' | 'red' | 'blue'> = { added: 'green', removed: 'red', changed: 'blue' };
const kindLabel = (kind: string) => <Label isCompact variant="outline" color={colours[kind] ?? 'grey'}>{kind}</Label>;

const columns: Column<ImageDifference>[] = [
  { id: 'path', title: 'Path', fixed: true, width: '30%', value: (d) => d.shown, cell: (d) => <Path of={d} /> },
  { id: 'kind', title: 'Change', width: '6.5rem', value: (d) => d.kind, cell: (d) => kindLabel(d.kind) },
  { id: 'facets', title: 'What differs', extra: true, value: (d) => d.facets.join(' '), cell: (d) => <Name of={d.facets.join(', ')} /> },
  { id: 'from', title: 'Before', cell: (d) => <Side entry={d.from} facets={d.facets} /> },
  { id: 'to', title: 'After', cell: (d) => <Side entry={d.to} facets={d.facets} /> },
];

const facets: Facet[] = [{ id: 'kind', title: 'Change', values: ['added', 'removed', 'changed'], show: kindLabel }];

/** What is different between another image and this one; a file of both, line by line. */
export function DiffTab({ image, name }: { image: string; name: string }) {
  const [search, setSearch] = useSearchParams();
  const other = search.get('from');
  const file = search.get('file');
  if (other && file) return <FileLines from={other} to={image} toName={name} path={unescapePath(file)} />;
  return (
    <div className="mu-stack">
      <div className="mu-narrow">
        <ImageChoice present={undefined} chosen={other ?? undefined} choose={(from) => setSearch(from ? { tab: 'diff', from } : { tab: 'diff' })} label="Compare with" />
      </div>
      {!other && <Nothing title="Compare two images">Choose the image to start from: what was added, removed and changed on the way to <Name of={name} /> appears here.</Nothing>}
      {other && (
        <>
          <p>From <Link to={imageAddress(other)}><Name of={other} /></Link> to <strong><Name of={name} /></strong></p>
          <Differences key={other} from={other} to={image} />
        </>
      )}
    </div>
  );
}

function Differences({ from, to }: { from: string; to: string }) {
  return (
    <List<ImageDifference>
      isPart
      kind={useMemo(() => imageDifferences(from, to), [from, to])}
      title="Differences"
      one="difference"
      many="differences"
      columns={columns}
      facets={facets}
      id={(d) => d.shown}
      name={(d) => d.shown}
      signature={(d) => d.facets.join()}
      empty={<Nothing title="No differences">The two images have the same content.</Nothing>}
    />
  );
}

function Path({ of: d }: { of: ImageDifference }) {
  const [search] = useSearchParams();
  const comparable = d.facets.includes('content') && d.from?.kind === 'file' && d.to?.kind === 'file';
  if (!comparable) return <PathText path={d.path} />;
  const next = new URLSearchParams(search);
  next.set('file', escapePath(d.path));
  return <Link to={`?${next}`} title="Line by line"><PathText path={d.path} /></Link>;
}
