using Muster.Core.Objects;
using Muster.Core.Trees;

namespace Muster.Tests.Trees;

public sealed class TreeDiffTests
{
    [Fact]
    public void There_is_no_difference_exactly_if_the_digests_are_equal() => Property.Holds(1000, (random, size) =>
    {
        var wanted = RandomTrees.Any(random, size);
        var seen = RandomTrees.Mutate(wanted, random, random.Next(3));
        var differences = TreeDiff.Between(wanted, seen);
        Assert.Equal(wanted.Digest == seen.Digest, differences.Count == 0);
        Assert.Equal(differences.Select(difference => difference.Path).Distinct().Count(), differences.Count);
        Assert.Equal(differences.Select(difference => difference.Path).Order(Comparer<TreePath>.Create(TreeOrder.Compare)), differences.Select(difference => difference.Path));

        var back = TreeDiff.Between(seen, wanted);
        Assert.Equal(differences.Select(difference => (difference.Path, difference.Facets, difference.Wanted)), back.Select(difference => (difference.Path, difference.Facets, difference.Seen)));
    });

    [Fact]
    public void Only_directories_that_differ_are_loaded() => Property.Holds(300, (random, size) =>
    {
        var wanted = RandomTrees.Any(random, size);
        var seen = RandomTrees.Mutate(wanted, random, 1);
        var store = TreeWalk.Directories(wanted).Concat(TreeWalk.Directories(seen)).DistinctBy(directory => directory.Digest).ToDictionary(directory => directory.Digest, TreeFormat.Encode);
        var asked = new List<Digest>();
        TreeDirectory Load(Digest digest)
        {
            asked.Add(digest);
            return TreeFormat.DecodeDirectory(store[digest]);
        }

        var differences = TreeDiff.Between(TreeFormat.DecodeTree(TreeFormat.Encode(wanted)), TreeFormat.DecodeTree(TreeFormat.Encode(seen)), Load);
        Assert.Equal(TreeDiff.Between(wanted, seen), differences);
        if (wanted.Digest == seen.Digest)
        {
            Assert.Empty(asked);
        }
    });

    [Fact]
    public void Each_facet_is_named()
    {
        var wanted = TreeEditTests.File("a");
        Assert.Equal(Facets.Content, TreeDiff.Between(wanted, TreeEditTests.File("b")));
        Assert.Equal(Facets.Mode | Facets.Owner, TreeDiff.Between(wanted, wanted with { Mode = 0x9A4, Gid = 1 }));
        Assert.Equal(Facets.Time, TreeDiff.Between(wanted, wanted with { Modified = new FileTime(0, 1) }));
        Assert.Equal(Facets.Xattrs, TreeDiff.Between(wanted, wanted with { Xattrs = [new Xattr("user.a"u8.ToArray(), [])] }));
        Assert.Equal(Facets.Kind, TreeDiff.Between(wanted, wanted with { Kind = EntryKind.Fifo }));
        Assert.Equal(Facets.Content, TreeDiff.Between(wanted, wanted with { Kind = EntryKind.ComputedFile }));
        var link = wanted with { Kind = EntryKind.Symlink, Mode = 0, Target = "x"u8.ToArray() };
        Assert.Equal(Facets.Target, TreeDiff.Between(link, link with { Target = "y"u8.ToArray() }));
        var device = wanted with { Kind = EntryKind.BlockDevice, Major = 8 };
        Assert.Equal(Facets.Device, TreeDiff.Between(device, device with { Minor = 1 }));
    }

    [Fact]
    public void A_broken_hard_link_differs_though_all_digests_of_directories_are_equal()
    {
        TreePath a = TreePath.FromText("x/a"), b = TreePath.FromText("x/b");
        var wanted = new TreeBuilder().Add(a, TreeEditTests.File("1")).Link(b, a).ToTree();
        var seen = new TreeBuilder().Add(a, TreeEditTests.File("1")).Add(b, TreeEditTests.File("1")).ToTree();
        Assert.Equal(wanted.Root.Content, seen.Root.Content);
        Assert.Equal([(a, Facets.HardLink), (b, Facets.HardLink)], TreeDiff.Between(wanted, seen).Select(difference => (difference.Path, difference.Facets)));
    }
}
