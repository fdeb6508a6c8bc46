using Muster.Core.Objects;
using Muster.Core.Problems;

namespace Muster.Core.Trees;

/// <summary>What the bytes of a tree alone do not show: that its hard links are those of one inode.</summary>
public static class TreeCheck
{
    /// <summary>Demands that all paths of a hard-link group are there, are no directories, and have equal entries but for the name.</summary>
    /// <exception cref="ProblemException">Invalid, <c>tree.link</c>.</exception>
    public static void RequireSoundLinks(Tree tree, Func<Digest, TreeDirectory>? load = null)
    {
        foreach (var group in tree.HardLinks)
        {
            TreeEntry? first = null;
            foreach (var path in group.Paths)
            {
                if (tree.Find(path, load) is not { Kind: not EntryKind.Directory } entry)
                {
                    throw Wrong($"{path} is said to be hard-linked, but is not there or a directory");
                }

                first ??= entry;
                if (entry with { Name = first.Name } != first)
                {
                    throw Wrong($"{path} and {group.Paths[0]} are said to be one inode, but differ");
                }
            }
        }
    }

    private static ProblemException Wrong(string message) => new(ProblemKind.Invalid, "tree.link", message);
}
