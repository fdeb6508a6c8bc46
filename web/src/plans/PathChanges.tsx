import { Label, SearchInput, Skeleton, Title } from '@patternfly/react-core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { showQuery } from '../api/queries';
import type { ImageDifference, Page } from '../api/types';
import { Failure } from '../ui/Failure';
import { count, plural } from '../ui/format';
import { facetsBecome, pathTree, whatBecomes, type PathNode } from './pathTree';

const colours = { created: 'green', changed: 'blue', deleted: 'red' } as const;
const most = 500;
// As many as one takes in at a glance stand open.
const open = 30;

/** Every path that would change on a machine if it became like an image, as a tree with a filter. */
export function PathChanges({ machine, image }: { machine: string; image: string }) {
  const [text, setText] = useState('');
  const [search, setSearch] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setSearch(text.trim()), 200);
    return () => clearTimeout(timer);
  }, [text]);
  const paths = useQuery({
    ...showQuery<Page<ImageDifference>>('machines', 'machines/differences', { machine, image, search, limit: most, counts: 'kind' }),
    placeholderData: keepPreviousData,
  });
  const tree = useMemo(() => pathTree(paths.data?.items ?? []), [paths.data]);
  if (paths.isPending) return <Skeleton height="4rem" screenreaderText="Looking for the paths that change" />;
  if (paths.isError) return <Failure what="which paths change" error={paths.error} retry={() => void paths.refetch()} />;
  const { total, counts = [], items } = paths.data;
  const number = (kind: string) => counts.find((one) => one.value === kind)?.count ?? 0;
  const summary = [['removed', 'created'], ['changed', 'changed'], ['added', 'deleted']].filter(([kind]) => number(kind as string) > 0).map(([kind, word]) => `${count(number(kind as string))} ${word}`);
  if (total === 0 && search === '') return <p className="mu-quiet mu-below">No path on it would change.</p>;
  return (
    <section aria-label="Paths that change" className="mu-below">
      <div className="mu-row">
        <Title headingLevel="h4" size="md">{plural(total, 'path')}{summary.length > 0 && <span className="mu-quiet">: {summary.join(', ')}</span>}</Title>
        <SearchInput aria-label="Filter paths" placeholder="Filter paths" value={text} onChange={(_, v) => setText(v)} onClear={() => setText('')} />
      </div>
      <ul className="mu-paths">{tree.map((node) => <Branch key={node.name} node={{ ...node, name: node.name === '/' ? '/' : `/${node.name}` }} isOpen={items.length <= open} />)}</ul>
      {items.length < total && <p className="mu-quiet">and {count(total - items.length)} more; filter to see them.</p>}
      {total === 0 && <p className="mu-quiet">No path matches.</p>}
    </section>
  );
}

function Branch({ node, isOpen }: { node: PathNode; isOpen: boolean }) {
  const line = (
    <>
      <bdi className="mu-mono mu-path" dir="ltr">{node.name}{node.children.length > 0 && '/'}</bdi>
      {node.change ? <What of={node.change} /> : <span className="mu-quiet mu-small"> {count(node.count)}</span>}
    </>
  );
  if (node.children.length === 0) return <li>{line}</li>;
  return (
    <li>
      <details open={isOpen}>
        <summary>{line}</summary>
        <ul className="mu-paths">{node.children.map((child) => <Branch key={child.name} node={child} isOpen={isOpen} />)}</ul>
      </details>
    </li>
  );
}

function What({ of }: { of: ImageDifference }) {
  const word = whatBecomes(of);
  return (
    <>
      {' '}<Label isCompact variant="outline" color={colours[word]}>{word}</Label>
      {word === 'changed' && <span className="mu-quiet mu-small"> {facetsBecome(of)}</span>}
    </>
  );
}
