import { Button, Label, Skeleton, ToggleGroup, ToggleGroupItem } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import type { ImageDifference } from '../api/types';
import { imageAddress } from '../ui/addresses';
import { Failure, Nothing } from '../ui/Failure';
import { Feed } from '../ui/Feed';
import { Name, PathText } from '../ui/text';
import { asText, diffLines } from './content';
import { readFile } from './FileView';
import { ImageChoice } from './ImageChoice';
import { Side } from './Side';

const colours = { added: 'green', removed: 'red', changed: 'blue' } as const;
type Kind = keyof typeof colours;

/** What is different between another image and this one. */
export function DiffTab({ image }: { image: string }) {
  const [search, setSearch] = useSearchParams();
  const other = search.get('from');
  const only = search.get('only');
  const put = (name: string, value: string | null) => setSearch((before) => {
    const next = new URLSearchParams(before);
    value ? next.set(name, value) : next.delete(name);
    return next;
  });
  return (
    <div className="mu-stack">
      <div className="mu-narrow">
        <ImageChoice present={undefined} chosen={other ?? undefined} choose={(name) => put('from', name ?? null)} label="Compare with" />
      </div>
      {!other && <Nothing title="Compare two images">Choose the image to start from: what was added, removed and changed on the way to <Name of={image} /> appears here.</Nothing>}
      {other && (
        <>
          <div className="mu-row">
            <p>From <Link to={imageAddress(other)}><Name of={other} /></Link> to <strong><Name of={image} /></strong></p>
            <ToggleGroup isCompact aria-label="Show only">
              {[null, 'added', 'removed', 'changed'].map((kind) => (
                <ToggleGroupItem key={kind} text={kind ?? 'all'} isSelected={only === kind} onChange={() => put('only', kind)} />
              ))}
            </ToggleGroup>
          </div>
          <Feed<ImageDifference> noun="images" path="images/diff" query={{ from: other, to: image }} one="difference" empty={<Nothing title="No differences">The two images have the same content.</Nothing>}>
            {(items) => (
              <ol className="mu-cards" aria-label="Differences">
                {items.filter((d) => !only || d.kind === only).map((d) => <Difference key={d.shown} from={other} to={image} of={d} />)}
              </ol>
            )}
          </Feed>
        </>
      )}
    </div>
  );
}

function Difference({ from, to, of: d }: { from: string; to: string; of: ImageDifference }) {
  const [open, setOpen] = useState(false);
  const comparable = d.facets.includes('content') && d.from?.kind === 'file' && d.to?.kind === 'file';
  return (
    <li>
      <div className="mu-row mu-row-start">
        <Label isCompact variant="outline" color={colours[d.kind as Kind] ?? 'grey'}>{d.kind}</Label>
        <PathText path={d.path} />
        <span className="mu-quiet">{d.facets.join(', ')}</span>
        {comparable && <Button variant="link" isInline className="mu-push" aria-expanded={open} onClick={() => setOpen(!open)}>{open ? 'Hide lines' : 'Show lines'}</Button>}
      </div>
      {d.kind === 'changed' && <div className="mu-sides"><Side entry={d.from} facets={d.facets} /><Side entry={d.to} facets={d.facets} /></div>}
      {open && <Lines from={from} to={to} of={d} />}
    </li>
  );
}

function Lines({ from, to, of: d }: { from: string; to: string; of: ImageDifference }) {
  const both = useQuery({
    queryKey: ['file', from, to, d.shown],
    queryFn: async ({ signal }) => {
      const [before, after] = await Promise.all([readFile(from, d.path, signal), readFile(to, d.path, signal)]);
      const texts = [asText(before.bytes), asText(after.bytes)];
      if (texts[0] === null || texts[1] === null || !before.whole || !after.whole) return null;
      return diffLines((texts[0] as string).split('\n'), (texts[1] as string).split('\n'));
    },
    staleTime: Infinity,
  });
  if (both.isPending) return <Skeleton width="60%" screenreaderText="Loading" />;
  if (both.isError) return <Failure what="the lines" error={both.error} retry={() => void both.refetch()} />;
  if (!both.data) return <p className="mu-quiet">Not text, or too different to be read line by line.</p>;
  const sign = { same: ' ', removed: '-', added: '+', skipped: '⋯' };
  return (
    <pre className="mu-code mu-diff" tabIndex={0} aria-label={`Lines of ${d.shown}`}>
      {both.data.map((line, index) => <span key={index} className={`mu-diff-${line.kind}`}>{`${sign[line.kind]} ${line.text}\n`}</span>)}
    </pre>
  );
}
