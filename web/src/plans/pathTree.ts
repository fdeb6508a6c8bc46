import type { ImageDifference } from '../api/types';

/** A directory of what would change, or one path of it. */
export interface PathNode {
  /** Below its parent; may be several steps where nothing branches off. */
  name: string;
  change?: ImageDifference;
  children: PathNode[];
  /** Paths that change here and below. */
  count: number;
}

/** Gathers changed paths by directory, in the order in which they come. */
export function pathTree(changes: readonly ImageDifference[]): PathNode[] {
  const root: PathNode = { name: '', children: [], count: 0 };
  for (const change of changes) {
    let node = root;
    node.count += 1;
    const steps = change.shown.split('/').filter(Boolean);
    for (const step of steps.length > 0 ? steps : ['/']) {
      let child = node.children.find((one) => one.name === step);
      if (!child) {
        child = { name: step, children: [], count: 0 };
        node.children.push(child);
      }
      child.count += 1;
      node = child;
    }
    node.change = change;
  }
  return root.children.map(folded);
}

// `usr/share/doc` on one line where there is nothing beside it.
function folded(node: PathNode): PathNode {
  const [only] = node.children;
  if (node.change === undefined && only && node.children.length === 1) return folded({ ...only, name: `${node.name}/${only.name}` });
  return { ...node, children: node.children.map(folded) };
}

const verbs: Record<string, 'created' | 'changed' | 'deleted'> = { removed: 'created', changed: 'changed', added: 'deleted' };

/** What making the machine like the image does to a path: what it lacks is created, what only it has is deleted. */
export const whatBecomes = (change: ImageDifference) => verbs[change.kind] ?? 'changed';

/** What of a path becomes what: `mode 0644 → 0755`. From the machine's side to the image's. */
export function facetsBecome({ facets, from: wanted, to: seen }: ImageDifference): string {
  const values = (facet: string) => {
    if (!wanted || !seen) return null;
    if (facet === 'mode') return [seen.mode, wanted.mode];
    if (facet === 'owner') return [`${seen.uid}:${seen.gid}`, `${wanted.uid}:${wanted.gid}`];
    if (facet === 'kind') return [seen.kind, wanted.kind];
    if (facet === 'target') return [seen.target ?? '', wanted.target ?? ''];
    return null;
  };
  return facets.map((facet) => {
    const both = values(facet);
    return both ? `${facet} ${both[0]} → ${both[1]}` : facet;
  }).join(', ');
}
