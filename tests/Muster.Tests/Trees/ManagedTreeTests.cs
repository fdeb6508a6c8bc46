using Muster.Core.Filters;
using Muster.Core.Trees;

namespace Muster.Tests.Trees;

public sealed class ManagedTreeTests
{
    [Fact]
    public void It_holds_every_managed_path_and_only_what_leads_there() => Property.Holds(1000, (random, size) =>
    {
        var tree = RandomTrees.Any(random, size);
        var filter = RandomTrees.Filter(random, RandomTrees.Any(random, size));
        var managed = ManagedTree.Of(tree, filter);
        foreach (var (path, entry) in TreeWalk.Entries(tree))
        {
            if (filter.Manages(path))
            {
                Assert.Equal(Facets.None, TreeDiff.Between(entry, managed.Find(path)!));
            }
        }

        foreach (var (path, entry) in TreeWalk.Entries(managed).Skip(1))
        {
            Assert.True(filter.Manages(path) || (Passage.Is(entry) && TreeWalk.Within(path, entry).Any(below => filter.Manages(below.Path))));
        }

        Assert.All(managed.HardLinks, group => Assert.All(group.Paths, path => Assert.True(filter.Manages(path))));
        Assert.Equal(managed.Digest, ManagedTree.Of(managed, filter).Digest);
    });

    [Fact]
    public void A_tree_in_which_nothing_is_left_out_is_the_same_tree()
    {
        var tree = Of("etc/passwd", "usr/lib/x/y", "var/lib/z");
        Assert.Same(tree, ManagedTree.Of(tree, TreeFilter.Everything));
        var part = ManagedTree.Of(tree, TreeFilter.Parse("ignore /var"));
        Assert.Same(tree.Find(TreePath.FromText("usr")), part.Find(TreePath.FromText("usr")));
        Assert.Null(part.Find(TreePath.FromText("var")));
    }

    [Fact]
    public void A_directory_that_is_not_managed_but_leads_to_something_managed_stands_without_its_attributes()
    {
        var seen = Of("var/log/muster/a", "var/log/other");
        var managed = ManagedTree.Of(seen, TreeFilter.Parse("ignore /var/log\nmanage /var/log/muster"));
        Assert.True(Passage.Is(managed.Find(TreePath.FromText("var/log"))!));
        Assert.NotNull(managed.Find(TreePath.FromText("var/log/muster/a")));
        Assert.Null(managed.Find(TreePath.FromText("var/log/other")));
    }

    [Fact]
    public void A_directory_that_is_not_wanted_is_kept_for_what_it_holds_and_does_not_count()
    {
        var wanted = Of("etc/passwd");
        var seen = Of("etc/passwd", "opt/app/data/file");
        var filter = TreeFilter.Parse("ignore /opt/app/data");
        Assert.Equal(wanted.Digest, ManagedTree.Of(seen, filter, wanted).Digest);
        Assert.NotEqual(wanted.Digest, ManagedTree.Of(seen, filter).Digest);
    }

    [Fact]
    public void The_agents_own_folders_and_their_parents_count_nowhere()
    {
        var wanted = Of("etc/passwd");
        var seen = Of("etc/passwd", "usr/lib/muster-agent/1/muster-agent", "var/lib/muster-agent/journal", ".muster-agent/x");
        Assert.Equal(wanted.Digest, ManagedTree.Of(seen, TreeFilter.Everything, wanted).Digest);
    }

    [Fact]
    public void A_sparse_image_sees_only_what_it_lists()
    {
        var builder = new TreeBuilder();
        builder.Add(TreePath.FromText("etc"), Tree.Empty.Root with { Mode = 0 });
        builder.Add(TreePath.FromText("etc/motd"), TreeEditTests.File("hello"));
        var wanted = builder.Add(TreePath.Root, Tree.Empty.Root with { Mode = 0 }).ToTree();
        var seen = Of("etc/motd", "etc/passwd", "usr/bin/x").With(TreePath.FromText("etc/motd"), TreeEditTests.File("hello"));
        Assert.Equal(wanted.Digest, ManagedTree.Of(seen, TreeFilter.OnlyListed(wanted), wanted).Digest);

        var objects = TreeWalk.Directories(wanted).ToDictionary(directory => directory.Digest);
        var unloaded = TreeFormat.DecodeTree(TreeFormat.Encode(wanted));
        Assert.Equal(wanted.Digest, ManagedTree.Of(seen, TreeFilter.Of(null, unloaded, digest => objects[digest]), unloaded, digest => objects[digest]).Digest);
    }

    internal static Tree Of(params string[] paths)
    {
        var builder = new TreeBuilder();
        foreach (var path in paths)
        {
            builder.Add(TreePath.FromText(path), TreeEditTests.File(path));
        }

        return builder.ToTree();
    }
}
