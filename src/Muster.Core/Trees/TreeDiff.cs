using Muster.Core.Objects;

namespace Muster.Core.Trees;

/// <summary>How a path differs.</summary>
public enum DifferenceKind
{
    /// <summary>Wanted, but not there.</summary>
    Missing,

    /// <summary>There, but not wanted.</summary>
    Extra,

    /// <summary>There, but other than wanted.</summary>
    Changed,
}

/// <summary>In what a path differs.</summary>
[Flags]
public enum Facets
{
    /// <summary>In nothing.</summary>
    None = 0,

    /// <summary>It is something else, such as a directory instead of a file.</summary>
    Kind = 1,

    /// <summary>A file's bytes.</summary>
    Content = 2,

    /// <summary>Permission bits.</summary>
    Mode = 4,

    /// <summary>User or group.</summary>
    Owner = 8,

    /// <summary>Time of last modification.</summary>
    Time = 16,

    /// <summary>Where a symlink leads, or what generates a computed file.</summary>
    Target = 32,

    /// <summary>A device's numbers.</summary>
    Device = 64,

    /// <summary>Extended attributes.</summary>
    Xattrs = 128,

    /// <summary>Which paths are the same inode.</summary>
    HardLink = 256,
}

/// <summary>One path that differs.</summary>
/// <param name="Path">Where.</param>
/// <param name="Kind">How.</param>
/// <param name="Facets">In what, for a changed path; else none.</param>
/// <param name="Wanted">What should be there, or null.</param>
/// <param name="Seen">What is there, or null.</param>
public sealed record Difference(TreePath Path, DifferenceKind Kind, Facets Facets, TreeEntry? Wanted, TreeEntry? Seen);

/// <summary>
/// Compares two trees: of two images, or the wanted and the managed tree of a machine. Parts with equal digests are neither walked
/// nor loaded. There is no difference exactly if the digests of the trees are equal.
/// </summary>
public static class TreeDiff
{
    /// <summary>Every path that differs, in order: a directory before what is in it, names by their bytes.</summary>
    public static IReadOnlyList<Difference> Between(Tree wanted, Tree seen, Func<Digest, TreeDirectory>? load = null)
    {
        var walk = new Walk(new LinkDiff(wanted, seen, load), load);
        walk.Compare(wanted.Root, seen.Root);
        return walk.InOrder();
    }

    /// <summary>In what two entries at the same path differ; of directories not what is in them.</summary>
    public static Facets Between(TreeEntry wanted, TreeEntry seen)
    {
        var facets = Facets.None;
        facets |= wanted.Mode != seen.Mode && wanted.Kind != EntryKind.Symlink && seen.Kind != EntryKind.Symlink ? Facets.Mode : 0;
        facets |= wanted.Uid != seen.Uid || wanted.Gid != seen.Gid ? Facets.Owner : 0;
        facets |= wanted.Xattrs.AsSpan().SequenceEqual(seen.Xattrs) ? 0 : Facets.Xattrs;
        if (wanted.Kind != seen.Kind)
        {
            // To people both are files; that one is computed only says where its content comes from.
            return facets | (IsFile(wanted) && IsFile(seen) ? Facets.Content : Facets.Kind);
        }

        facets |= wanted.Modified != seen.Modified ? Facets.Time : 0;
        facets |= wanted.Target.AsSpan().SequenceEqual(seen.Target) ? 0 : Facets.Target;
        facets |= wanted.Major != seen.Major || wanted.Minor != seen.Minor ? Facets.Device : 0;
        facets |= wanted.Kind == EntryKind.File && (wanted.Content != seen.Content || wanted.Size != seen.Size) ? Facets.Content : 0;
        return facets;
    }

    private static bool IsFile(TreeEntry entry) => entry.Kind is EntryKind.File or EntryKind.ComputedFile;

    private sealed class Walk(LinkDiff links, Func<Digest, TreeDirectory>? load)
    {
        private readonly PathBuffer path = new();
        private readonly List<Difference> found = [];
        private readonly HashSet<TreePath> reported = [];

        public void Compare(TreeEntry wanted, TreeEntry seen)
        {
            var facets = Between(wanted, seen);
            if (links.Any && links.Differ(path.Path))
            {
                facets |= Facets.HardLink;
            }

            if (facets != Facets.None)
            {
                Report(DifferenceKind.Changed, facets, wanted, seen);
            }

            var wantedBelow = wanted.Kind == EntryKind.Directory;
            var seenBelow = seen.Kind == EntryKind.Directory;
            if ((wantedBelow || seenBelow) && !(wantedBelow && seenBelow && wanted.Content == seen.Content))
            {
                Compare(wantedBelow ? wanted.Loaded(load) : TreeDirectory.Empty, seenBelow ? seen.Loaded(load) : TreeDirectory.Empty);
            }
        }

        /// <summary>The differences, with those of hard links in directories that are otherwise equal in their places.</summary>
        public List<Difference> InOrder()
        {
            var before = found.Count;
            foreach (var (place, wanted, seen) in links.Elsewhere(reported))
            {
                found.Add(new Difference(place, DifferenceKind.Changed, Facets.HardLink, wanted, seen));
            }

            if (found.Count > before)
            {
                found.Sort(static (left, right) => TreeOrder.Compare(left.Path, right.Path));
            }

            return found;
        }

        private void Compare(TreeDirectory wanted, TreeDirectory seen)
        {
            int left = 0, right = 0;
            while (left < wanted.Entries.Length || right < seen.Entries.Length)
            {
                var order = left == wanted.Entries.Length ? 1
                    : right == seen.Entries.Length ? -1
                    : wanted.Entries[left].Name.AsSpan().SequenceCompareTo(seen.Entries[right].Name);
                var before = path.Push(order <= 0 ? wanted.Entries[left].Name : seen.Entries[right].Name);
                if (order == 0)
                {
                    Compare(wanted.Entries[left++], seen.Entries[right++]);
                }
                else if (order < 0)
                {
                    Whole(DifferenceKind.Missing, wanted.Entries[left++]);
                }
                else
                {
                    Whole(DifferenceKind.Extra, seen.Entries[right++]);
                }

                path.Pop(before);
            }
        }

        private void Whole(DifferenceKind kind, TreeEntry entry)
        {
            Report(kind, Facets.None, kind == DifferenceKind.Missing ? entry : null, kind == DifferenceKind.Extra ? entry : null);
            if (entry.Kind != EntryKind.Directory)
            {
                return;
            }

            foreach (var child in entry.Loaded(load).Entries)
            {
                var before = path.Push(child.Name);
                Whole(kind, child);
                path.Pop(before);
            }
        }

        private void Report(DifferenceKind kind, Facets facets, TreeEntry? wanted, TreeEntry? seen)
        {
            var place = path.Path;
            if (links.Any)
            {
                reported.Add(place);
            }

            found.Add(new Difference(place, kind, facets, wanted, seen));
        }
    }
}
