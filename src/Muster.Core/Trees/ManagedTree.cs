using Muster.Core.Filters;
using Muster.Core.Objects;

namespace Muster.Core.Trees;

/// <summary>
/// The part of a seen tree that an image speaks for (docs/formats/tree.md). A machine is in sync exactly if the digest of its managed
/// tree is the digest of the wanted one. Directories in which nothing is left out are shared with the seen tree.
/// </summary>
public static class ManagedTree
{
    /// <summary>Takes the managed part of a tree.</summary>
    /// <param name="seen">The tree; of a path that is not managed only name and kind matter.</param>
    /// <param name="filter">Which paths are managed.</param>
    /// <param name="wanted">What the machine should be, or null when a new image is made. A managed directory that is not wanted
    /// but holds something unmanaged, and nothing else, is kept for its sake and does not count.</param>
    /// <param name="load">Brings directories that are not loaded.</param>
    public static Tree Of(Tree seen, TreeFilter filter, Tree? wanted = null, Func<Digest, TreeDirectory>? load = null)
    {
        var walk = new Walk(filter, wanted is not null, load);
        var (root, _) = walk.Directory(seen.Root, wanted?.Root);
        if (ReferenceEquals(root, seen.Root))
        {
            return seen;
        }

        return new Tree(root ?? Passage.Of([], TreeDirectory.Empty), LinksIn(seen.HardLinks, filter));
    }

    private static IReadOnlyList<HardLinkGroup> LinksIn(IReadOnlyList<HardLinkGroup> groups, TreeFilter filter)
    {
        if (groups.All(group => group.Paths.All(filter.Manages)))
        {
            return groups;
        }

        return [.. groups
            .Select(group => new HardLinkGroup([.. group.Paths.Where(filter.Manages)]))
            .Where(group => group.Paths.Count > 1)
            .OrderBy(group => group.Paths[0])];
    }

    /// <summary>One walk; <c>path</c> is where it stands.</summary>
    private sealed class Walk(TreeFilter filter, bool hasWanted, Func<Digest, TreeDirectory>? load)
    {
        private readonly PathBuffer path = new();

        /// <summary>What is managed of a directory, or null if nothing is; and whether something below was left out.</summary>
        public (TreeEntry? Managed, bool LeftOut) Directory(TreeEntry entry, TreeEntry? wanted)
        {
            var isManaged = filter.Manages(path.Bytes);
            var reach = filter.Below(path.Bytes);
            if (reach == FilterReach.All && isManaged)
            {
                return (entry, false);
            }

            if (reach == FilterReach.None)
            {
                return isManaged ? NothingBelow(entry, wanted) : (null, true);
            }

            var content = Content(entry, wanted, out var leftOut);
            leftOut |= AgentFolders.AreBelow(path.Bytes);
            if (content.Entries.Length == 0 && (!isManaged || (leftOut && hasWanted && wanted is null)))
            {
                return (null, true);
            }

            if (!isManaged)
            {
                return (Passage.Of(entry.Name, content), true);
            }

            return (ReferenceEquals(content, entry.Directory) ? entry : entry.WithDirectory(content), leftOut);
        }

        private (TreeEntry? Managed, bool LeftOut) NothingBelow(TreeEntry entry, TreeEntry? wanted)
        {
            var leftOut = entry.Content != TreeDirectory.Empty.Digest;
            return leftOut && hasWanted && wanted is null
                ? (null, true)
                : (leftOut ? entry.WithDirectory(TreeDirectory.Empty) : entry, leftOut);
        }

        private TreeDirectory Content(TreeEntry entry, TreeEntry? wanted, out bool leftOut)
        {
            leftOut = false;
            var directory = entry.Loaded(load);
            var wantedDirectory = wanted is { Kind: EntryKind.Directory } ? wanted.Loaded(load) : null;
            List<TreeEntry>? changed = null;
            var entries = directory.Entries;
            for (var index = 0; index < entries.Length; index++)
            {
                var child = entries[index];
                var before = path.Push(child.Name);
                var (managed, leftOutBelow) = child.Kind == EntryKind.Directory
                    ? Directory(child, wantedDirectory?.Find(child.Name))
                    : filter.Manages(path.Bytes) ? (child, false) : (null, true);
                path.Pop(before);
                leftOut |= leftOutBelow;
                if (!ReferenceEquals(managed, child) && changed is null)
                {
                    changed = [.. entries[..index]];
                }

                if (managed is not null)
                {
                    changed?.Add(managed);
                }
            }

            return changed is null ? directory : new TreeDirectory([.. changed]);
        }
    }
}
