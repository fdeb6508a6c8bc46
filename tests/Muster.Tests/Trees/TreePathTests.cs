using Muster.Core.Trees;

namespace Muster.Tests.Trees;

public sealed class TreePathTests
{
    [Theory]
    [InlineData("a/b", true)]
    [InlineData("", true)]
    [InlineData("/a", false)]
    [InlineData("a//b", false)]
    [InlineData("a/../b", false)]
    [InlineData("a/.", false)]
    [InlineData("a\0b", false)]
    public void Only_plain_relative_paths_are_paths(string text, bool valid) =>
        Assert.Equal(valid, TreePath.IsValid(System.Text.Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Control_characters_and_foreign_bytes_are_shown_escaped() =>
        Assert.Equal("/etc/caf\\xE9\\n", TreePath.FromBytes([.. "etc/caf"u8, 0xE9, (byte)'\n']).ToString());
}
