using Muster.Core.Objects;

namespace Muster.Core.Trees;

/// <summary>
/// A whole tree: its root directory with that directory's own attributes, and which paths are one file (hard links).
/// Immutable. Two trees are the same exactly if their digests are.
/// </summary>
public sealed class Tree
{
    private readonly Lazy<Digest> digest;

    /// <summary>Takes a root (kind directory, empty name) and hard-link groups: each sorted with at least two paths, groups sorted by first path.</summary>
    public Tree(TreeEntry root, IReadOnlyList<HardLinkGroup> hardLinks)
    {
        Root = root;
        HardLinks = hardLinks;
        digest = new Lazy<Digest>(() => Digest.Of(TreeFormat.Encode(this)));
    }

    /// <summary>The root directory's attributes and content; its name is empty.</summary>
    public TreeEntry Root { get; }

    /// <summary>Groups of paths that are one inode, sorted by their first path.</summary>
    public IReadOnlyList<HardLinkGroup> HardLinks { get; }

    /// <summary>SHA-256 of <see cref="TreeFormat.Encode(Tree)"/>; computed once.</summary>
    public Digest Digest => digest.Value;

    /// <summary>Finds what is at a path, or null. The directories on the way must be loaded.</summary>
    public TreeEntry? Find(TreePath path)
    {
        var entry = Root;
        if (path.IsRoot)
        {
            return entry;
        }

        var bytes = path.Bytes;
        foreach (var range in bytes.Split((byte)'/'))
        {
            if (entry.Directory?.Find(bytes[range]) is not { } child)
            {
                return null;
            }

            entry = child;
        }

        return entry;
    }
}

/// <summary>Paths that are one inode: sorted by bytes, at least two.</summary>
public sealed record HardLinkGroup(IReadOnlyList<TreePath> Paths);
