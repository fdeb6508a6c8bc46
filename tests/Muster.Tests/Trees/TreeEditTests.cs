using Muster.Core.Trees;

namespace Muster.Tests.Trees;

public sealed class TreeEditTests
{
    [Fact]
    public void An_edited_tree_is_the_tree_built_anew_from_the_same_paths() => Property.Holds(500, (random, size) =>
    {
        var tree = RandomTrees.Mutate(RandomTrees.Any(random, size), random, 1 + (size / 4));
        Assert.Equal(Rebuilt(tree, random).Digest, tree.Digest);
    });

    [Fact]
    public void Inodes_behave_as_on_a_disk() => Property.Holds(500, (random, size) =>
    {
        var disk = new SortedDictionary<TreePath, Inode> { [TreePath.Root] = new(Tree.Empty.Root) };
        var edit = new TreeEdit(Tree.Empty);
        for (var step = 0; step < size * 2; step++)
        {
            Do(random, disk, edit);
        }

        var builder = new TreeBuilder();
        foreach (var same in disk.Where(there => !there.Key.IsRoot).GroupBy(there => there.Value))
        {
            builder.Add(same.First().Key, same.Key.Entry);
            foreach (var (path, _) in same.Skip(1))
            {
                builder.Link(path, same.First().Key);
            }
        }

        Assert.Equal(builder.ToTree().Digest, edit.ToTree().Digest);
    });

    [Fact]
    public void What_an_edit_does_not_touch_is_shared()
    {
        var tree = new TreeBuilder()
            .Add(TreePath.FromText("a/b/c"), File("1"))
            .Add(TreePath.FromText("d/e"), File("2"))
            .ToTree();
        var changed = tree.With(TreePath.FromText("a/b/c"), File("3"));
        Assert.Same(tree.Find(TreePath.FromText("d")), changed.Find(TreePath.FromText("d")));
        Assert.NotEqual(tree.Digest, changed.Digest);
        Assert.Equal(tree.Digest, changed.With(TreePath.FromText("a/b/c"), File("1")).Digest);
    }

    internal static TreeEntry File(string content) => new()
    {
        Name = [], Kind = EntryKind.File, Mode = 0x1A4, Size = content.Length, Content = Core.Objects.Digest.Of(System.Text.Encoding.UTF8.GetBytes(content)),
    };

    private static Tree Rebuilt(Tree tree, Random random)
    {
        var paths = TreeWalk.Entries(tree).ToArray();
        random.Shuffle(paths);
        var builder = new TreeBuilder();
        foreach (var (path, entry) in paths)
        {
            if (tree.LinksOf(path) is { } group && group.Paths[0] != path)
            {
                builder.Link(path, group.Paths[0]);
            }
            else
            {
                builder.Add(path, entry);
            }
        }

        return builder.ToTree();
    }

    private static void Do(Random random, SortedDictionary<TreePath, Inode> disk, TreeEdit edit)
    {
        var path = RandomTrees.Path(random);
        if (!disk.TryGetValue(path.Parent, out var parent) || parent.Entry.Kind != EntryKind.Directory)
        {
            return;
        }

        disk.TryGetValue(path, out var there);
        switch (random.Next(5))
        {
            case 0 when there is not null:
                edit.Remove(path);
                Clear(disk, path);
                break;
            case 1 when there is { Entry.Kind: not EntryKind.Directory }:
                there.Entry = there.Entry with { Uid = 7 };
                edit.SetAttributes(path, there.Entry);
                break;
            case 2 when disk.Keys.ElementAt(random.Next(disk.Count)) is var to && disk[to].Entry.Kind != EntryKind.Directory && !to.IsWithin(path):
                var inode = disk[to];
                edit.Link(path, to);
                Clear(disk, path);
                disk[path] = inode;
                break;
            default:
                var entry = random.Next(2) == 0 ? RandomTrees.Leaf(random) : RandomTrees.Directory(random);
                edit.Put(path, entry);
                Clear(disk, path);
                disk[path] = new Inode(entry);
                break;
        }
    }

    private static void Clear(SortedDictionary<TreePath, Inode> disk, TreePath path)
    {
        foreach (var below in disk.Keys.Where(there => there.IsWithin(path)).ToArray())
        {
            disk.Remove(below);
        }
    }

    private sealed class Inode(TreeEntry entry)
    {
        public TreeEntry Entry { get; set; } = entry;
    }
}
