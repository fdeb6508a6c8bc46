namespace Muster.Core.Trees;

/// <summary>Which paths are one inode, while a tree is edited. Copies the tree's groups only when one of them changes.</summary>
internal sealed class LinkEdit(Tree tree)
{
    private Dictionary<TreePath, SortedSet<TreePath>>? groups;

    /// <summary>All names of the inode of a path, itself among them.</summary>
    public IReadOnlyCollection<TreePath> Of(TreePath path) =>
        groups is null ? tree.LinksOf(path)?.Paths ?? [path]
        : groups.TryGetValue(path, out var group) ? group
        : [path];

    public void Add(TreePath path, TreePath to)
    {
        Begin();
        if (!groups!.TryGetValue(to, out var group))
        {
            group = groups[to] = [to];
        }

        group.Add(path);
        groups[path] = group;
    }

    /// <summary>A path, and everything below it where it is a directory, stop being names of their inodes.</summary>
    public void Remove(TreePath path, bool isDirectory)
    {
        if (groups is null ? tree.HardLinks.Count == 0 || (!isDirectory && tree.LinksOf(path) is null) : groups.Count == 0)
        {
            return;
        }

        Begin();
        TreePath[] gone = isDirectory ? [.. groups!.Keys.Where(linked => linked.IsWithin(path))] : [path];
        foreach (var linked in gone)
        {
            if (groups!.Remove(linked, out var group))
            {
                group.Remove(linked);
            }
        }
    }

    public Tree Applied(Tree to)
    {
        if (groups is null)
        {
            return to;
        }

        var left = groups.Values.Distinct().Where(group => group.Count > 1).OrderBy(group => group.Min).Select(group => new HardLinkGroup([.. group]));
        return new Tree(to.Root, [.. left]);
    }

    private void Begin()
    {
        if (groups is not null)
        {
            return;
        }

        groups = [];
        foreach (var group in tree.HardLinks)
        {
            var names = new SortedSet<TreePath>(group.Paths);
            foreach (var path in names)
            {
                groups[path] = names;
            }
        }
    }
}
