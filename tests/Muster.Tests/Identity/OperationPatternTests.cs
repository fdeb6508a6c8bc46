using Muster.Protocol.Operations;
using Muster.Testing;

namespace Muster.Tests.Identity;

public sealed class OperationPatternTests
{
    [Theory]
    [InlineData("*.*", "Images.List", true, true)]
    [InlineData("Images.*", "Images.List", true, false)]
    [InlineData("*.List", "Images.List", true, false)]
    [InlineData("Images.List", "Images.List", true, true)]
    [InlineData("Images.Delete", "Images.List", false, false)]
    [InlineData("Image.*", "Images.List", false, false)]
    [Requirement("DM-040")]
    public void A_pattern_covers_what_it_says_and_sensitive_ones_only_by_full_name(string pattern, string operation, bool covers, bool coversSensitive)
    {
        Assert.Equal(covers, OperationPattern.Covers(pattern, operation, sensitive: false));
        Assert.Equal(coversSensitive, OperationPattern.Covers(pattern, operation, sensitive: true));
    }

    [Theory]
    [InlineData("Images.List", true)]
    [InlineData("*.*", true)]
    [InlineData("Images", false)]
    [InlineData("images.*", false)]
    [InlineData("Im*.List", false)]
    [InlineData("Images.List.More", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Other_texts_are_no_patterns(string? pattern, bool valid) => Assert.Equal(valid, OperationPattern.IsValid(pattern));
}
