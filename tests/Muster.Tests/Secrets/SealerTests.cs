using System.Security.Cryptography;
using Muster.Core.Problems;
using Muster.Server.Secrets;
using Muster.Tests.Trees;

namespace Muster.Tests.Secrets;

public sealed class SealerTests
{
    private static readonly SecretName Name = new(OrganisationId.New(TimeProvider.System), "kind", "id");
    private readonly Sealer sealer = MakeSealer();

    [Fact]
    public void What_was_sealed_opens_again() => Property.Holds(50, (random, size) =>
    {
        var secret = new byte[size * 7];
        random.NextBytes(secret);
        Assert.Equal(secret, sealer.Open(Name, sealer.Seal(Name, secret)));
    });

    [Fact]
    public void It_opens_only_where_it_belongs()
    {
        var box = sealer.Seal(Name, "secret"u8);
        foreach (var other in new[] { Name with { Organisation = default }, Name with { Kind = "kin", Id = "did" }, Name with { Id = "other" } })
        {
            Assert.Equal("secrets.unreadable", Assert.Throws<ProblemException>(() => sealer.Open(other, box)).Code);
        }
    }

    [Fact]
    public void A_single_changed_bit_anywhere_keeps_it_shut()
    {
        var box = sealer.Seal(Name, "secret"u8);
        for (var bit = 0; bit < box.Length * 8; bit++)
        {
            var changed = (byte[])box.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<ProblemException>(() => sealer.Open(Name, changed));
        }
    }

    [Fact]
    public void Another_key_opens_nothing() =>
        Assert.Throws<ProblemException>(() => MakeSealer().Open(Name, sealer.Seal(Name, "secret"u8)));

    private static Sealer MakeSealer()
    {
        var key = RandomNumberGenerator.GetBytes(32);
        return new Sealer(() => key);
    }
}
