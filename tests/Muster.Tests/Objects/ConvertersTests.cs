using System.Text.Json;
using Muster.Core.Objects;
using Muster.Core.Trees;

namespace Muster.Tests.Objects;

public sealed class ConvertersTests
{
    private static readonly Digest Some = Digest.Of("x"u8);

    [Fact]
    public void Values_become_text_and_come_back()
    {
        Same(Some, $"\"{Some}\"");
        Same(new ObjectReference(ObjectKind.Tree, Some), $"\"tree:{Some}\"");
        Same(new FileTime(-1, 5), "\"-1.000000005\"");
        Same(TreePath.Root, "\"/\"");
        Same(TreePath.FromText("etc/passwd"), "\"/etc/passwd\"");
        Same(TreePath.FromBytes([0xE9]), "{\"base64\":\"6Q==\"}");
        Same(new Dictionary<Digest, int> { [Some] = 1 }, $"{{\"{Some}\":1}}");
    }

    [Theory]
    [InlineData("\"../x\"")]
    [InlineData("{\"base64\":\"Lg==\"}")]
    [InlineData("{\"base64\":\"!\"}")]
    [InlineData("{}")]
    [InlineData("3")]
    public void What_is_no_path_is_refused(string json) => Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<TreePath>(json));

    [Theory]
    [InlineData("\"tree\"")]
    [InlineData("\"chunk:0000\"")]
    public void What_is_no_reference_is_refused(string json) => Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<ObjectReference>(json));

    private static void Same<T>(T value, string json)
    {
        Assert.Equal(json, JsonSerializer.Serialize(value));
        Assert.Equal(value, JsonSerializer.Deserialize<T>(json));
    }
}
