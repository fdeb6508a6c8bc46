using Muster.Core.Filters;
using Muster.Core.Objects;
using Muster.Core.Trees;

namespace Muster.Core.Plans;

/// <summary>
/// Decides which inode the paths of a hard-link group will share. Paths that are wanted as one inode form a class; each class keeps at most
/// one seen inode and each seen inode is kept by at most one class. An inode with a name that is not managed is never changed in place.
/// </summary>
internal sealed class RepairLinks(Tree wanted, Tree seen, TreeFilter filter, Func<Digest, TreeDirectory>? load)
{
    private readonly SortedDictionary<TreePath, IReadOnlyList<TreePath>> classes = [];
    private readonly HashSet<TreePath> taken = [];
    private readonly Lazy<LinkDiff> difference = new(() => new LinkDiff(wanted, seen, load));

    /// <summary>New inodes for classes that can keep none.</summary>
    public List<RepairStep> Puts { get; } = [];

    /// <summary>Names added to inodes.</summary>
    public List<RepairStep> Links { get; } = [];

    /// <summary>Attributes set in place, of linked and other files.</summary>
    public List<RepairStep> Attributes { get; } = [];

    public int Missing { get; private set; }

    public int Changed { get; private set; }

    /// <summary>True if a path is or should be hard-linked: then it is decided here, later.</summary>
    public bool Concern(PathBuffer path, TreeEntry wantedEntry, TreeEntry? seenEntry)
    {
        if (wanted.HardLinks.Count == 0 && seen.HardLinks.Count == 0)
        {
            return false;
        }

        var at = path.Path;
        var seenGroup = seen.LinksOf(at);
        if (wanted.LinksOf(at) is null && seenGroup is null)
        {
            return false;
        }

        if (seenEntry is null || TreeDiff.Between(wantedEntry, seenEntry) != Facets.None)
        {
            Add(at);
            foreach (var partner in seenGroup?.Paths ?? [])
            {
                Add(partner);
            }
        }

        return true;
    }

    /// <summary>Decides for all classes within a path.</summary>
    public void Resolve(TreePath within, IReadOnlyList<BlockedPath> blocked)
    {
        foreach (var path in difference.Value.Different)
        {
            if (path.IsWithin(within))
            {
                Add(path);
                foreach (var partner in seen.LinksOf(path)?.Paths ?? [])
                {
                    Add(partner);
                }
            }
        }

        foreach (var group in classes.Values)
        {
            IReadOnlyList<TreePath> paths = [.. group.Where(path => IsReachable(path, within, blocked))];
            if (paths.Count > 0)
            {
                Decide(paths);
            }
        }
    }

    // Beyond the part that was walked nobody looked at directories: only names that are there, and none, can be judged.
    private bool IsReachable(TreePath path, TreePath within, IReadOnlyList<BlockedPath> blocked) =>
        !blocked.Any(block => path.IsWithin(block.Path))
        && (path.IsWithin(within) || seen.Find(path, load) is { Kind: not EntryKind.Directory });

    private void Add(TreePath path)
    {
        if (filter.Manages(path) && wanted.Find(path, load) is { Kind: not EntryKind.Directory })
        {
            var paths = wanted.LinksOf(path)?.Paths ?? [path];
            classes.TryAdd(paths[0], paths);
        }
    }

    private void Decide(IReadOnlyList<TreePath> paths)
    {
        var entry = wanted.Find(paths[0], load)!;
        var there = paths.Select(path => seen.Find(path, load)).ToArray();
        Count(entry, paths, there);
        var keeper = Keeper(entry, paths, there);
        if (keeper < 0)
        {
            Puts.Add(RepairWalk.Put(paths[0], Named(entry, paths[0]), there[0]));
        }
        else
        {
            taken.Add(InodeOf(paths[keeper]));
            if (TreeDiff.Between(entry, there[keeper]!) != Facets.None)
            {
                Attributes.Add(new RepairStep.SetAttributes(paths[keeper], Named(entry, paths[keeper]), there[keeper]!));
            }
        }

        var kept = Math.Max(keeper, 0);
        for (var index = 0; index < paths.Count; index++)
        {
            if (index != kept && (keeper < 0 || there[index] is null || InodeOf(paths[index]) != InodeOf(paths[keeper])))
            {
                Links.Add(new RepairStep.Link(paths[index], paths[kept], Named(entry, paths[index]), there[index]));
            }
        }
    }

    private void Count(TreeEntry entry, IReadOnlyList<TreePath> paths, TreeEntry?[] there)
    {
        for (var index = 0; index < paths.Count; index++)
        {
            if (there[index] is not { } now)
            {
                Missing++;
            }
            else if (TreeDiff.Between(entry, now) != Facets.None || difference.Value.Differ(paths[index]))
            {
                Changed++;
            }
        }
    }

    /// <summary>Index of the path whose inode the class keeps: right attributes first, then most names; -1 for none.</summary>
    private int Keeper(TreeEntry entry, IReadOnlyList<TreePath> paths, TreeEntry?[] there)
    {
        var (best, bestWorth) = (-1, 0);
        for (var index = 0; index < paths.Count; index++)
        {
            if (there[index] is not { Kind: not EntryKind.Directory } now || taken.Contains(InodeOf(paths[index])))
            {
                continue;
            }

            var facets = TreeDiff.Between(entry, now);
            var names = seen.LinksOf(paths[index])?.Paths ?? [paths[index]];
            if (RepairWalk.NeedsNewInode(facets) || (facets != Facets.None && !names.All(filter.Manages)))
            {
                continue;
            }

            var worth = 1 + names.Count(paths.Contains) + (facets == Facets.None ? paths.Count : 0);
            (best, bestWorth) = worth > bestWorth ? (index, worth) : (best, bestWorth);
        }

        return best;
    }

    private TreePath InodeOf(TreePath path) => seen.LinksOf(path)?.Paths[0] ?? path;

    private static TreeEntry Named(TreeEntry entry, TreePath path) =>
        entry.Name.AsSpan().SequenceEqual(path.Name) ? entry : entry with { Name = path.Name.ToArray() };
}
