using Muster.Core.Objects;
using Muster.Core.Problems;

namespace Muster.Core.Trees;

/// <summary>
/// How large a tree is, found in time that grows with its different directories only: a few small objects can stand for a tree of
/// billions of paths, so whoever receives one measures it before walking it.
/// </summary>
/// <param name="Entries">Paths below the root, at most <see cref="long.MaxValue"/>.</param>
/// <param name="Bytes">Bytes of all files, each path counted, at most <see cref="long.MaxValue"/>.</param>
/// <param name="Depth">Directories below each other, the root not counted.</param>
public readonly record struct TreeMeasure(long Entries, long Bytes, int Depth)
{
    /// <summary>Measures a tree.</summary>
    /// <exception cref="ProblemException">TooLarge, <c>tree.deep</c>.</exception>
    public static TreeMeasure Of(Tree tree, Func<Digest, TreeDirectory>? load = null) => Of(tree.Root, load, [], 0);

    internal static void RequireDepth(int depth)
    {
        if (depth > TreeFormat.MaxDepth)
        {
            throw new ProblemException(ProblemKind.TooLarge, "tree.deep", $"a tree is deeper than {TreeFormat.MaxDepth} directories");
        }
    }

    private static TreeMeasure Of(TreeEntry entry, Func<Digest, TreeDirectory>? load, Dictionary<Digest, TreeMeasure> known, int depth)
    {
        if (known.TryGetValue(entry.Content, out var measure))
        {
            RequireDepth(depth + measure.Depth);
            return measure;
        }

        RequireDepth(depth);
        UInt128 entries = 0, bytes = 0;
        var below = 0;
        foreach (var child in entry.Loaded(load).Entries)
        {
            entries++;
            if (child.Kind == EntryKind.Directory)
            {
                var inner = Of(child, load, known, depth + 1);
                entries += (UInt128)inner.Entries;
                bytes += (UInt128)inner.Bytes;
                below = Math.Max(below, inner.Depth + 1);
            }
            else
            {
                bytes += (UInt128)child.Size;
            }
        }

        return known[entry.Content] = new TreeMeasure(Limited(entries), Limited(bytes), below);
    }

    private static long Limited(UInt128 value) => value > long.MaxValue ? long.MaxValue : (long)value;
}
