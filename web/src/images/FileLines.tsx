import { Skeleton } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { escapePath } from '../api/paths';
import type { PathBytes } from '../api/types';
import { imageAddress } from '../ui/addresses';
import { Failure } from '../ui/Failure';
import { Name, PathText } from '../ui/text';
import { asText, diffLines } from './content';
import { readFile } from './FileView';

const sign = { same: ' ', removed: '-', added: '+', skipped: '⋯' };

/** One file in two images, line by line. */
export function FileLines({ from, to, toName, path }: { from: string; to: string; toName: string; path: PathBytes }) {
  const [search] = useSearchParams();
  const all = new URLSearchParams(search);
  all.delete('file');
  const both = useQuery({
    queryKey: ['file', from, to, escapePath(path)],
    queryFn: async ({ signal }) => {
      const [before, after] = await Promise.all([readFile(from, path, signal), readFile(to, path, signal)]);
      const [a, b] = [asText(before.bytes, before.whole), asText(after.bytes, after.whole)];
      if (a === null || b === null || !before.whole || !after.whole) return null;
      return diffLines(a.split('\n'), b.split('\n'));
    },
    staleTime: Infinity,
  });
  return (
    <div className="mu-stack">
      <Link to={`?${all}`}>All differences</Link>
      <h2 className="mu-file-name"><PathText path={path} /></h2>
      <ul className="mu-legend" aria-label="Sides">
        <li><span className="mu-diff-removed">- before</span> <Link to={imageAddress(from)}><Name of={from} /></Link></li>
        <li><span className="mu-diff-added">+ after</span> <Name of={toName} /></li>
      </ul>
      {both.isPending && <Skeleton width="60%" screenreaderText="Loading" />}
      {both.isError && <Failure what="the lines" error={both.error} retry={() => void both.refetch()} />}
      {both.data === null && <p className="mu-quiet">Not text, or too different to be read line by line.</p>}
      {both.data && (
        <pre className="mu-code mu-diff" tabIndex={0} aria-label={`Lines of ${escapePath(path)}`}>
          {both.data.map((line, index) => <span key={index} className={`mu-diff-${line.kind}`}>{`${sign[line.kind]} ${line.text}\n`}</span>)}
        </pre>
      )}
    </div>
  );
}
