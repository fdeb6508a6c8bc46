using Muster.Core.Objects;

namespace Muster.Core.Trees;

/// <summary>
/// Changes to a tree, collected and then built at once: only directories on the way to a change are copied and digested again,
/// everything else is shared with the tree it began from. Not for many threads.
/// </summary>
/// <param name="tree">The tree to begin from; it does not change.</param>
/// <param name="load">Brings directories that are not loaded; without it they must be.</param>
public sealed class TreeEdit(Tree tree, Func<Digest, TreeDirectory>? load = null)
{
    private readonly Node root = new(tree.Root);
    private readonly LinkEdit links = new(tree);

    /// <summary>What is at a path now, or null. A directory's content may be older than the edits below it.</summary>
    public TreeEntry? Find(TreePath path)
    {
        var node = root;
        foreach (var range in Names(path))
        {
            if (ChildOf(node, path.Bytes[range]) is not { } child)
            {
                return null;
            }

            node = child;
        }

        return node.Entry;
    }

    /// <summary>True if a path is a directory that holds nothing now.</summary>
    public bool IsEmpty(TreePath path) => Build(Walk(path)) is { Kind: EntryKind.Directory } entry && entry.Loaded(load).Entries.Length == 0;

    /// <summary>Puts an entry, with its content if it is a directory, as a new inode; what was there is gone.</summary>
    /// <exception cref="ArgumentException">The parent is not a directory, or the root would become something else.</exception>
    public void Put(TreePath path, TreeEntry entry)
    {
        links.Remove(path, Find(path)?.Kind == EntryKind.Directory);
        Place(path, entry);
    }

    /// <summary>Makes a path one more name of another's inode.</summary>
    public void Link(TreePath path, TreePath to)
    {
        var entry = Find(to);
        if (entry is null or { Kind: EntryKind.Directory })
        {
            throw new ArgumentException($"{to} is not there or a directory, so {path} cannot be linked to it", nameof(to));
        }

        links.Remove(path, Find(path)?.Kind == EntryKind.Directory);
        Place(path, entry);
        links.Add(path, to);
    }

    /// <summary>Changes attributes but not content, of all names of the inode. A directory keeps what is in it.</summary>
    public void SetAttributes(TreePath path, TreeEntry entry)
    {
        if (entry.Kind == EntryKind.Directory)
        {
            var node = Walk(path);
            node.Entry = entry with { Name = node.Entry.Name, Directory = node.Entry.Directory, Content = node.Entry.Content };
            return;
        }

        foreach (var name in links.Of(path))
        {
            Place(name, entry);
        }
    }

    /// <summary>Removes a path and everything below it.</summary>
    public void Remove(TreePath path)
    {
        var parent = Walk(path.Parent);
        if (path.IsRoot || ChildOf(parent, path.Name) is not { } gone)
        {
            throw new ArgumentException($"{path} is not there", nameof(path));
        }

        links.Remove(path, gone.Entry.Kind == EntryKind.Directory);
        parent.Change(path.Name.ToArray(), null);
    }

    /// <summary>The tree with all changes made so far.</summary>
    public Tree ToTree() => links.Applied(tree).WithRoot(Build(root));

    private void Place(TreePath path, TreeEntry entry)
    {
        if (path.IsRoot)
        {
            root.Replace(entry.Kind == EntryKind.Directory ? entry : throw new ArgumentException("the root is a directory", nameof(entry)));
            return;
        }

        var name = path.Name.ToArray();
        Walk(path.Parent).Change(name, new Node(entry.Name.AsSpan().SequenceEqual(name) ? entry : entry with { Name = name }));
    }

    private Node Walk(TreePath path)
    {
        var node = root;
        foreach (var range in Names(path))
        {
            node = ChildOf(node, path.Bytes[range]) ?? throw new ArgumentException($"{path} is not there", nameof(path));
        }

        return node;
    }

    private Node? ChildOf(Node node, ReadOnlySpan<byte> name)
    {
        if (node.Entry.Kind != EntryKind.Directory)
        {
            return null;
        }

        var key = name.ToArray();
        if (node.Changes is not null && node.Changes.TryGetValue(key, out var changed))
        {
            return changed;
        }

        if (node.Entry.Loaded(load).Find(name) is not { } entry)
        {
            return null;
        }

        var child = new Node(entry);
        node.Change(key, child);
        return child;
    }

    private TreeEntry Build(Node node)
    {
        if (node.Changes is null)
        {
            return node.Entry;
        }

        var before = node.Entry.Loaded(load).Entries;
        var after = new List<TreeEntry>(before.Length + node.Changes.Count);
        var next = 0;
        var same = true;
        foreach (var (name, child) in node.Changes)
        {
            while (next < before.Length && before[next].Name.AsSpan().SequenceCompareTo(name) < 0)
            {
                after.Add(before[next++]);
            }

            var old = next < before.Length && before[next].Name.AsSpan().SequenceEqual(name) ? before[next++] : null;
            var now = child is null ? null : Build(child);
            same &= ReferenceEquals(old, now);
            if (now is not null)
            {
                after.Add(now);
            }
        }

        after.AddRange(before[next..]);
        return same ? node.Entry : node.Entry.WithDirectory(new TreeDirectory([.. after]));
    }

    private static MemoryExtensions.SpanSplitEnumerator<byte> Names(TreePath path) => path.IsRoot ? default : path.Bytes.Split((byte)'/');

    private sealed class Node(TreeEntry entry)
    {
        public TreeEntry Entry { get; set; } = entry;

        /// <summary>Names that were visited, with what is there now; null for what is gone.</summary>
        public SortedDictionary<byte[], Node?>? Changes { get; private set; }

        public void Change(byte[] name, Node? child)
        {
            if (Entry.Kind != EntryKind.Directory)
            {
                throw new ArgumentException($"{TreeText.Show(Entry.Name)} is not a directory, so it cannot hold {TreeText.Show(name)}", nameof(name));
            }

            (Changes ??= new SortedDictionary<byte[], Node?>(NameOrder.Instance))[name] = child;
        }

        public void Replace(TreeEntry entry)
        {
            Entry = entry;
            Changes = null;
        }
    }
}
