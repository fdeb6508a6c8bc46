using Muster.Core.Objects;

namespace Muster.Core.Trees;

/// <summary>
/// A whole tree: its root directory with that directory's own attributes, and which paths are one file (hard links).
/// Immutable. Two trees are the same exactly if their digests are.
/// </summary>
public sealed class Tree
{
    private readonly Lazy<Digest> digest;
    private readonly Lazy<Dictionary<TreePath, HardLinkGroup>> links;

    /// <summary>Takes a root (kind directory, empty name) and hard-link groups: each sorted with at least two paths, groups sorted by first path.</summary>
    public Tree(TreeEntry root, IReadOnlyList<HardLinkGroup> hardLinks)
        : this(root, hardLinks, new Lazy<Dictionary<TreePath, HardLinkGroup>>(() => IndexOf(hardLinks)))
    {
    }

    private Tree(TreeEntry root, IReadOnlyList<HardLinkGroup> hardLinks, Lazy<Dictionary<TreePath, HardLinkGroup>> links)
    {
        Root = root;
        HardLinks = hardLinks;
        this.links = links;
        digest = new Lazy<Digest>(() => Digest.Of(TreeFormat.Encode(this)));
    }

    /// <summary>A tree with nothing in it, its root owned by root with mode 0755.</summary>
    public static Tree Empty { get; } =
        new(new TreeEntry { Name = [], Kind = EntryKind.Directory, Mode = 0x1ED }.WithDirectory(TreeDirectory.Empty), []);

    /// <summary>The root directory's attributes and content; its name is empty.</summary>
    public TreeEntry Root { get; }

    /// <summary>Groups of paths that are one inode, sorted by their first path.</summary>
    public IReadOnlyList<HardLinkGroup> HardLinks { get; }

    /// <summary>SHA-256 of <see cref="TreeFormat.Encode(Tree)"/>; computed once.</summary>
    public Digest Digest => digest.Value;

    /// <summary>The paths that are one inode with this one, itself among them, or null.</summary>
    public HardLinkGroup? LinksOf(TreePath path) => HardLinks.Count > 0 && links.Value.TryGetValue(path, out var group) ? group : null;

    /// <summary>The same hard links under another root.</summary>
    public Tree WithRoot(TreeEntry root) => ReferenceEquals(root, Root) ? this : new Tree(root, HardLinks, links);

    /// <summary>This tree with something put at a path, replacing what was there. Only directories on the way are copied.</summary>
    public Tree With(TreePath path, TreeEntry entry)
    {
        var edit = new TreeEdit(this);
        edit.Put(path, entry);
        return edit.ToTree();
    }

    /// <summary>This tree without a path and everything below it.</summary>
    public Tree Without(TreePath path)
    {
        var edit = new TreeEdit(this);
        edit.Remove(path);
        return edit.ToTree();
    }

    /// <summary>Finds what is at a path, or null. Directories on the way that are not loaded are brought by <paramref name="load"/>.</summary>
    public TreeEntry? Find(TreePath path, Func<Digest, TreeDirectory>? load = null) => Find(path.Bytes, load);

    /// <summary>Finds what is at the path of these bytes, or null.</summary>
    public TreeEntry? Find(ReadOnlySpan<byte> bytes, Func<Digest, TreeDirectory>? load = null)
    {
        var entry = Root;
        if (bytes.IsEmpty)
        {
            return entry;
        }

        foreach (var range in bytes.Split((byte)'/'))
        {
            if (entry.Kind != EntryKind.Directory || entry.Loaded(load).Find(bytes[range]) is not { } child)
            {
                return null;
            }

            entry = child;
        }

        return entry;
    }

    private static Dictionary<TreePath, HardLinkGroup> IndexOf(IReadOnlyList<HardLinkGroup> groups)
    {
        var index = new Dictionary<TreePath, HardLinkGroup>();
        foreach (var group in groups)
        {
            foreach (var path in group.Paths)
            {
                index[path] = group;
            }
        }

        return index;
    }
}

/// <summary>Paths that are one inode: sorted by bytes, at least two.</summary>
public sealed record HardLinkGroup(IReadOnlyList<TreePath> Paths);
