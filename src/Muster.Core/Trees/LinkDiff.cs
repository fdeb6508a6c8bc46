using Muster.Core.Objects;

namespace Muster.Core.Trees;

/// <summary>Compares hard links: which paths, there in both trees, are one inode with others in one tree but not in the other.</summary>
internal sealed class LinkDiff
{
    private readonly Tree wanted;
    private readonly Tree seen;
    private readonly Func<Digest, TreeDirectory>? load;
    private readonly HashSet<TreePath> different = [];

    public LinkDiff(Tree wanted, Tree seen, Func<Digest, TreeDirectory>? load)
    {
        (this.wanted, this.seen, this.load) = (wanted, seen, load);
        if (!ReferenceEquals(wanted.HardLinks, seen.HardLinks))
        {
            Collect(wanted, seen);
            Collect(seen, wanted);
        }
    }

    /// <summary>The paths that differ.</summary>
    public IReadOnlyCollection<TreePath> Different => different;

    public bool Any => different.Count > 0;

    public bool Differ(TreePath path) => different.Contains(path);

    /// <summary>Paths that differ in their links only and that the walk did not come by.</summary>
    public IEnumerable<(TreePath Path, TreeEntry Wanted, TreeEntry Seen)> Elsewhere(HashSet<TreePath> reported)
    {
        foreach (var path in different)
        {
            if (!reported.Contains(path))
            {
                yield return (path, Find(wanted, path)!, Find(seen, path)!);
            }
        }
    }

    private void Collect(Tree from, Tree to)
    {
        foreach (var group in from.HardLinks)
        {
            var other = to.LinksOf(group.Paths[0]);
            if (other is not null && group.Paths.SequenceEqual(other.Paths))
            {
                continue;
            }

            // A partner that one of the trees lacks is reported as missing or extra, which says it all.
            var present = group.Paths.Where(path => Find(from, path) is not null && Find(to, path) is not null).ToArray();
            foreach (var path in present)
            {
                var partners = to.LinksOf(path)?.Paths.Where(partner => Find(from, partner) is not null && Find(to, partner) is not null) ?? [path];
                if (!present.SequenceEqual(partners))
                {
                    different.Add(path);
                }
            }
        }
    }

    private TreeEntry? Find(Tree tree, TreePath path) => tree.Find(path, load);
}
