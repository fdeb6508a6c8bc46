import type { ImageEntry } from '../api/types';
import { bytes, shortDigest } from '../ui/format';
import { Name } from '../ui/text';
import { exactTime } from './entryTime';

/** One side of a difference: only what differs. */
export function Side({ entry, facets }: { entry: ImageEntry | null | undefined; facets: readonly string[] }) {
  if (!entry) return <span className="mu-quiet">not there</span>;
  const all = facets.length === 0;
  const shows = (facet: string) => all || facets.includes(facet);
  return (
    <dl className="mu-side">
      {shows('kind') && <><dt>kind</dt><dd>{entry.kind}</dd></>}
      {shows('content') && entry.content && <><dt>content</dt><dd><code title={entry.content}>{shortDigest(entry.content)}</code>{entry.size !== undefined && <>, {bytes(entry.size)}</>}</dd></>}
      {shows('mode') && <><dt>mode</dt><dd><code>{entry.mode}</code></dd></>}
      {shows('owner') && <><dt>owner</dt><dd><code>{entry.uid}:{entry.gid}</code></dd></>}
      {shows('time') && entry.modified && <><dt>time</dt><dd><code>{exactTime(entry)}</code></dd></>}
      {shows('target') && entry.target !== undefined && <><dt>target</dt><dd className="mu-mono"><Name of={entry.target} /></dd></>}
      {shows('device') && entry.device && <><dt>device</dt><dd><code>{entry.device}</code></dd></>}
      {shows('xattrs') && entry.xattrs.map((x) => <div key={x.name}><dt>{x.name}</dt><dd className="mu-break"><code><Name of={x.value} /></code></dd></div>)}
    </dl>
  );
}
