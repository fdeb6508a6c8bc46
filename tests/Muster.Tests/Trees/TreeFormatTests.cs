using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Testing;

namespace Muster.Tests.Trees;

public sealed class TreeFormatTests
{
    private static readonly TreeDirectory Sample = new(
    [
        new TreeEntry { Name = [0xE9], Kind = EntryKind.Symlink, Uid = 0, Gid = 0, Target = "../b"u8.ToArray() },
    ]);

    [Fact]
    [Requirement("DM-001")]
    public void The_bytes_of_every_kind_of_entry_stay_as_they_are() => Golden.Match(
        string.Join('\n', AllKinds().Select(entry => $"{entry.Kind}: {Convert.ToHexStringLower(TreeFormat.Encode(new TreeDirectory([entry])))}")
            .Append($"empty directory: {Convert.ToHexStringLower(TreeFormat.Encode(TreeDirectory.Empty))} = {TreeDirectory.Empty.Digest}")
            .Append($"all of them: {new TreeDirectory([.. AllKinds()]).Digest}")
            .Append($"tree: {Convert.ToHexStringLower(TreeFormat.Encode(Linked()))} = {Linked().Digest}")),
        "tree-format.golden.txt");

    [Fact]
    public void What_is_written_reads_back_the_same() => Property.Holds(200, (random, size) =>
    {
        var tree = RandomTrees.Any(random, size);
        foreach (var directory in TreeWalk.Directories(tree))
        {
            var again = TreeFormat.DecodeDirectory(TreeFormat.Encode(directory));
            Assert.Equal(directory.Entries.ToArray(), again.Entries.ToArray());
        }

        var read = TreeFormat.DecodeTree(TreeFormat.Encode(tree));
        Assert.Equal(tree.Root, read.Root);
        Assert.Equal(tree.Digest, read.Digest);
    });

    [Fact]
    public void Damaged_directories_are_refused_or_mean_exactly_their_bytes() =>
        Hostile.Try(TreeFormat.Encode(new TreeDirectory([.. AllKinds()])), bytes => TreeFormat.Encode(TreeFormat.DecodeDirectory(bytes)));

    [Fact]
    public void Damaged_trees_are_refused_or_mean_exactly_their_bytes() =>
        Hostile.Try(TreeFormat.Encode(Linked()), bytes => TreeFormat.Encode(TreeFormat.DecodeTree(bytes)));

    [Fact]
    public void A_path_in_two_hard_link_groups_is_refused()
    {
        TreePath a = TreePath.FromText("a"), b = TreePath.FromText("b"), c = TreePath.FromText("c");
        var tree = new Tree(Tree.Empty.Root, [new HardLinkGroup([a, c]), new HardLinkGroup([b, c])]);
        var problem = Assert.Throws<ProblemException>(() => TreeFormat.DecodeTree(TreeFormat.Encode(tree)));
        Assert.Contains("/c is in two hard-link groups", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_whose_size_its_digest_denies_is_refused()
    {
        var file = AllKinds().ElementAt(1);
        Assert.Throws<ProblemException>(() => TreeFormat.DecodeDirectory(TreeFormat.Encode(new TreeDirectory([file with { Size = 0 }]))));
        Assert.Throws<ProblemException>(() => TreeFormat.DecodeDirectory(TreeFormat.Encode(new TreeDirectory([file with { Content = Digest.Empty }]))));
    }

    [Fact]
    public void A_huge_count_of_entries_reserves_nothing() =>
        Assert.Throws<ProblemException>(() => TreeFormat.DecodeDirectory([.. "MDIR"u8, 1, 0xC0, 0x84, 0x3D]));

    [Fact]
    public void A_few_objects_that_stand_for_billions_of_paths_are_measured_without_walking_them()
    {
        var directory = Sample;
        for (var level = 0; level < 80; level++)
        {
            var child = new TreeEntry { Name = "a"u8.ToArray(), Kind = EntryKind.Directory }.WithDirectory(directory);
            directory = new TreeDirectory([child, child with { Name = "b"u8.ToArray() }, child with { Name = "c"u8.ToArray() }]);
        }

        var measure = TreeMeasure.Of(new Tree(Tree.Empty.Root.WithDirectory(directory), []));
        Assert.Equal(new TreeMeasure(long.MaxValue, 0, 80), measure);
    }

    [Fact]
    public void A_tree_deeper_than_any_we_handle_is_refused_before_the_stack_ends()
    {
        var directory = Sample;
        for (var level = 0; level <= TreeFormat.MaxDepth; level++)
        {
            directory = new TreeDirectory([new TreeEntry { Name = "a"u8.ToArray(), Kind = EntryKind.Directory }.WithDirectory(directory)]);
        }

        var tree = new Tree(Tree.Empty.Root.WithDirectory(directory), []);
        Assert.Equal("tree.deep", Assert.Throws<ProblemException>(() => TreeMeasure.Of(tree)).Code);
        Assert.Equal("tree.deep", Assert.Throws<ProblemException>(() => TreeDiff.Between(tree, Tree.Empty)).Code);
    }

    internal static IEnumerable<TreeEntry> AllKinds()
    {
        Xattr[] xattrs = [new("security.capability"u8.ToArray(), [1, 0, 0, 2]), new("user.note"u8.ToArray(), [])];
        var common = new TreeEntry { Name = "a"u8.ToArray(), Kind = EntryKind.Directory, Mode = 0x9ED, Uid = 1000, Gid = 4_294_967_295, Xattrs = xattrs };
        yield return common.WithDirectory(TreeDirectory.Empty);
        yield return common with { Name = "b"u8.ToArray(), Kind = EntryKind.File, Modified = new FileTime(-1, 999_999_999), Size = 300, Content = Digest.Of("x"u8) };
        yield return common with { Name = "c"u8.ToArray(), Kind = EntryKind.Symlink, Mode = 0, Target = "../x"u8.ToArray(), Xattrs = [] };
        yield return common with { Name = "d"u8.ToArray(), Kind = EntryKind.CharacterDevice, Major = 1, Minor = 1_048_575, Xattrs = [] };
        yield return common with { Name = "e"u8.ToArray(), Kind = EntryKind.BlockDevice, Modified = new FileTime(4_294_967_296, 0), Major = 8, Xattrs = [] };
        yield return common with { Name = "f"u8.ToArray(), Kind = EntryKind.Fifo, Modified = new FileTime(0, 1), Xattrs = [] };
        yield return common with { Name = [0xE9, (byte)'\n'], Kind = EntryKind.ComputedFile, Target = "hostname"u8.ToArray(), Xattrs = [] };
    }

    private static Tree Linked() => new TreeBuilder()
        .Add(TreePath.FromText("bin/gunzip"), AllKinds().ElementAt(1))
        .Link(TreePath.FromText("bin/uncompress"), TreePath.FromText("bin/gunzip"))
        .Link(TreePath.FromText("a"), TreePath.FromText("bin/uncompress"))
        .ToTree();
}
