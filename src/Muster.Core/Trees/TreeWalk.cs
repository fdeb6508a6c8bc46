using Muster.Core.Objects;

namespace Muster.Core.Trees;

/// <summary>Enumerates trees.</summary>
public static class TreeWalk
{
    /// <summary>Every path with its entry, the root first, parents before children, names in order of their bytes.</summary>
    public static IEnumerable<(TreePath Path, TreeEntry Entry)> Entries(Tree tree, Func<Digest, TreeDirectory>? load = null) =>
        Within(TreePath.Root, tree.Root, load);

    /// <summary>An entry and everything below it.</summary>
    public static IEnumerable<(TreePath Path, TreeEntry Entry)> Within(TreePath path, TreeEntry entry, Func<Digest, TreeDirectory>? load = null)
    {
        var waiting = new Stack<(TreePath Path, TreeEntry Entry)>();
        waiting.Push((path, entry));
        while (waiting.TryPop(out var next))
        {
            yield return next;
            if (next.Entry.Kind == EntryKind.Directory)
            {
                var entries = next.Entry.Loaded(load).Entries;
                for (var index = entries.Length - 1; index >= 0; index--)
                {
                    waiting.Push((next.Path.Join(entries[index].Name), entries[index]));
                }
            }
        }
    }

    /// <summary>Every different directory object of a tree once, children before parents; equal directories are one object.</summary>
    public static IReadOnlyList<TreeDirectory> Directories(Tree tree, Func<Digest, TreeDirectory>? load = null)
    {
        var found = new List<TreeDirectory>();
        Collect(tree.Root, load, [], found, 0);
        return found;
    }

    /// <summary>Every different file content of a tree once, with its size; empty files have none.</summary>
    public static IReadOnlyDictionary<Digest, long> Files(Tree tree, Func<Digest, TreeDirectory>? load = null)
    {
        var found = new Dictionary<Digest, long>();
        foreach (var directory in Directories(tree, load))
        {
            foreach (var entry in directory.Entries)
            {
                if (entry.Kind == EntryKind.File && entry.Size > 0)
                {
                    found.TryAdd(entry.Content, entry.Size);
                }
            }
        }

        return found;
    }

    private static void Collect(TreeEntry entry, Func<Digest, TreeDirectory>? load, HashSet<Digest> seen, List<TreeDirectory> found, int depth)
    {
        if (!seen.Add(entry.Content))
        {
            return;
        }

        TreeMeasure.RequireDepth(depth);
        var directory = entry.Loaded(load);
        foreach (var child in directory.Entries)
        {
            if (child.Kind == EntryKind.Directory)
            {
                Collect(child, load, seen, found, depth + 1);
            }
        }

        found.Add(directory);
    }
}
