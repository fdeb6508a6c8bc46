using Muster.Core.Problems;
using Muster.Core.Trees;

namespace Muster.Tests.Trees;

public sealed class TreeBuilderTests
{
    [Fact]
    public void Something_below_a_symlink_is_refused()
    {
        var builder = new TreeBuilder()
            .Add(TreePath.FromText("a/b"), TreeEditTests.File("x"))
            .Add(TreePath.FromText("a"), new TreeEntry { Name = [], Kind = EntryKind.Symlink, Target = "/etc"u8.ToArray() });
        Assert.Equal("tree.parent", Assert.Throws<ProblemException>(builder.ToTree).Code);
    }

    [Theory]
    [InlineData("b", "a")]
    [InlineData("missing", "x")]
    [InlineData("directory", "x")]
    public void A_hard_link_that_leads_nowhere_is_refused(string to, string back)
    {
        var builder = new TreeBuilder()
            .Add(TreePath.FromText("directory/x"), TreeEditTests.File("x"))
            .Link(TreePath.FromText("a"), TreePath.FromText(to))
            .Link(TreePath.FromText("b"), TreePath.FromText(back));
        Assert.Equal("tree.link", Assert.Throws<ProblemException>(builder.ToTree).Code);
    }

    [Fact]
    public void A_directory_given_late_keeps_what_is_in_it()
    {
        var tree = new TreeBuilder()
            .Add(TreePath.FromText("a/b"), TreeEditTests.File("x"))
            .Add(TreePath.FromText("a"), Tree.Empty.Root with { Mode = 0x1C0 })
            .ToTree();
        Assert.Equal(0x1C0, tree.Find(TreePath.FromText("a"))!.Mode);
        Assert.NotNull(tree.Find(TreePath.FromText("a/b")));
    }
}
