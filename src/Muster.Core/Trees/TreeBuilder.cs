using Muster.Core.Problems;

namespace Muster.Core.Trees;

/// <summary>
/// Builds a tree from paths in any order. A path given twice keeps its last entry, a directory given again keeps what is in it.
/// A directory that nobody gave has mode 0755 and belongs to root.
/// </summary>
public sealed class TreeBuilder
{
    private static readonly TreeEntry Ungiven = Tree.Empty.Root;
    private readonly Dictionary<TreePath, Node> nodes = [];
    private readonly Dictionary<TreePath, TreePath> links = [];

    /// <summary>An empty tree to begin with.</summary>
    public TreeBuilder() => nodes[TreePath.Root] = new Node(TreePath.Root) { Entry = Ungiven };

    /// <summary>Gives an entry; its name is taken from the path, a directory's content from what is given below it.</summary>
    public TreeBuilder Add(TreePath path, TreeEntry entry)
    {
        links.Remove(path);
        NodeAt(path).Entry = entry;
        return this;
    }

    /// <summary>Gives one more name of the inode that is, or will be, at another path.</summary>
    public TreeBuilder Link(TreePath path, TreePath to)
    {
        NodeAt(path);
        links[path] = to;
        return this;
    }

    /// <summary>The tree of everything given.</summary>
    /// <exception cref="ProblemException">Invalid: something lies below what is not a directory, or a link leads nowhere.</exception>
    public Tree ToTree()
    {
        var groups = new Dictionary<TreePath, SortedSet<TreePath>>();
        foreach (var path in links.Keys)
        {
            var target = Resolve(path);
            nodes[path].Entry = target.Entry;
            if (!groups.TryGetValue(target.Path, out var group))
            {
                group = groups[target.Path] = [target.Path];
            }

            group.Add(path);
        }

        var root = Build(nodes[TreePath.Root], 0);
        return new Tree(root with { Name = [] }, [.. groups.Values.OrderBy(group => group.Min).Select(group => new HardLinkGroup([.. group]))]);
    }

    private Node NodeAt(TreePath path)
    {
        if (nodes.TryGetValue(path, out var node))
        {
            return node;
        }

        node = nodes[path] = new Node(path);
        NodeAt(path.Parent).Children.Add(node);
        return node;
    }

    private Node Resolve(TreePath path)
    {
        var at = path;
        for (var steps = 0; links.TryGetValue(at, out var next); at = next)
        {
            if (++steps > links.Count)
            {
                throw new ProblemException(ProblemKind.Invalid, "tree.link", $"the hard link {path} leads to itself");
            }
        }

        return nodes.TryGetValue(at, out var node) && node.Entry is { Kind: not EntryKind.Directory }
            ? node
            : throw new ProblemException(ProblemKind.Invalid, "tree.link", $"the hard link {path} leads to {at}, which is not there or a directory");
    }

    private static TreeEntry Build(Node node, int depth)
    {
        var entry = node.Entry ?? Ungiven;
        var name = node.Path.Name;
        if (!entry.Name.AsSpan().SequenceEqual(name))
        {
            entry = entry with { Name = name.ToArray() };
        }

        if (entry.Kind != EntryKind.Directory)
        {
            return node.Children.Count == 0
                ? entry
                : throw new ProblemException(ProblemKind.Invalid, "tree.parent", $"{node.Children[0].Path} lies below {node.Path}, which is not a directory");
        }

        if (depth > TreeFormat.MaxDepth)
        {
            throw new ProblemException(ProblemKind.TooLarge, "tree.deep", $"a tree is deeper than {TreeFormat.MaxDepth} directories");
        }

        var children = new TreeEntry[node.Children.Count];
        for (var index = 0; index < children.Length; index++)
        {
            children[index] = Build(node.Children[index], depth + 1);
        }

        Array.Sort(children, static (left, right) => left.Name.AsSpan().SequenceCompareTo(right.Name));
        return entry.WithDirectory(new TreeDirectory(children));
    }

    private sealed class Node(TreePath path)
    {
        public TreePath Path => path;

        public TreeEntry? Entry { get; set; }

        public List<Node> Children { get; } = [];
    }
}
