using Muster.Core.Images;
using Muster.Core.Objects;
using Muster.Testing;
using Muster.Tests.Trees;

namespace Muster.Tests.Images;

public sealed class ImageFormatTests
{
    private static readonly Image Full = new(Digest.Of("tree"u8), "ignore /var/**\n", "[]", [new("created-by", "ann"), new("source", "debian 12 …")]);

    [Fact]
    public void The_bytes_of_an_image_stay_as_they_are() => Golden.Match(
        $"full: {Convert.ToHexStringLower(Full.Encode())}\nsparse: {Convert.ToHexStringLower((Full with { Filter = null, Triggers = "", Metadata = [] }).Encode())}",
        "image.golden.txt");

    [Fact]
    public void Damaged_images_are_refused_or_mean_exactly_their_bytes() =>
        Hostile.Try(Full.Encode(), bytes => Image.Decode(bytes).Encode());

    [Fact]
    public void Metadata_are_sorted_by_the_bytes_of_their_names()
    {
        // In UTF-16 the first would come last.
        var image = Full with { Metadata = [new("\U0001F600", "1"), new("\uFB33", "2")] };
        Assert.Equal(["\uFB33", "\U0001F600"], Image.Decode(image.Encode()).Metadata.Select(pair => pair.Key));
    }
}
