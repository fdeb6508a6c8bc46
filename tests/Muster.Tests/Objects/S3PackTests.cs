using Muster.Core.Objects;
using Muster.Server.Objects;
using Muster.Server.Objects.S3;
using Muster.Testing;
using Muster.Tests.Trees;
using Xunit;

namespace Muster.Tests.Objects;

/// <summary>How objects lie in a bucket, and what may go from there.</summary>
public sealed class S3PackTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void The_bytes_of_a_pack_s_headers_stay_as_they_are()
    {
        var lines = new List<string>();
        foreach (var (kind, form, stored) in new[] { (ObjectKind.File, new StoredForm(ObjectEncoding.Plain, 2), 2L), (ObjectKind.Directory, new StoredForm(ObjectEncoding.Zstd, 300), PackFormat.ToTheEnd) })
        {
            var header = new byte[PackFormat.HeaderSize];
            PackFormat.WriteHeader(new ObjectReference(kind, Digest.Of("hi"u8)), form, stored, header);
            lines.Add($"{kind}, {form.Encoding}: {Convert.ToHexStringLower(header)}");
        }

        Golden.Match(string.Join('\n', lines), "pack.golden.txt");
    }

    [Fact]
    public void A_sweep_takes_every_pack_that_is_old_and_not_named_and_never_another() => Property.Holds(300, (random, size) =>
    {
        var listed = Enumerable.Range(0, size).Select(number => new StoredPack($"packs/{number}", Now - TimeSpan.FromHours(random.Next(-2, 50)) - TimeSpan.FromTicks(random.Next(3)))).ToList();
        var named = Enumerable.Range(0, size + 5).Where(_ => random.Next(2) == 0).Select(number => $"{number}").ToHashSet();

        var going = S3Sweep.Plan(listed, named, Now);

        Assert.Equal(going.Count, going.Distinct().Count());
        foreach (var pack in listed)
        {
            var expected = Now - pack.Modified > TimeSpan.FromHours(24) && !named.Contains(pack.Key["packs/".Length..]);
            Assert.Equal(expected, going.Contains(pack.Key));
        }
    });
}
