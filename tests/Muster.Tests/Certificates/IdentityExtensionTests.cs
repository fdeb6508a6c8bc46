using Muster.Core.Problems;
using Muster.Server.Certificates;
using Muster.Testing;
using Muster.Tests.Trees;

namespace Muster.Tests.Certificates;

public sealed class IdentityExtensionTests
{
    private static readonly IdentityExtension Example = new(
        OrganisationId.Parse("org_0192f0c12d3e7a4b8c5d6e7f8091a2b3"),
        [],
        "mch_0192f0c12d3e7a4b8c5d6e7f8091a2b4");

    [Fact]
    public async Task The_example_has_the_bytes_of_the_format_page()
    {
        var page = await File.ReadAllTextAsync(Repository.Under("docs", "formats", "certificate.md"));
        var hex = string.Concat(page.Split("    303d020101")[1].Split("\n\n")[0].Where(char.IsAsciiHexDigit));
        Assert.Equal("303d020101" + hex, Convert.ToHexStringLower(Example.Encode().RawData));
        Assert.Contains(IdentityExtension.Oid, page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_bytes_of_an_identity_stay_as_they_are() => Golden.Match(
        $"""
        agent: {Convert.ToHexStringLower(Example.Encode().RawData)}
        person with two patterns: {Convert.ToHexStringLower((Example with { Patterns = ["Images.*", "Machines.List"], Scope = "*" }).Encode().RawData)}
        """,
        "certificate.golden.txt");

    [Fact]
    public void What_was_written_is_read()
    {
        var user = Example with { Patterns = ["Images.*", "Machines.List"], Scope = "*" };
        var read = IdentityExtension.Decode(user.Encode().RawData);
        Assert.Equal((user.Organisation, user.Scope), (read.Organisation, read.Scope));
        Assert.Equal(user.Patterns, read.Patterns);
    }

    [Fact]
    public void An_unknown_version_is_refused_by_its_own_code()
    {
        var bytes = Example.Encode().RawData;
        bytes[4] = 2;
        Assert.Equal("cert.version", Assert.Throws<ProblemException>(() => IdentityExtension.Decode(bytes)).Code);
    }

    [Fact]
    public void Whatever_bytes_come_the_answer_is_an_identity_or_a_problem() => Property.Holds(300, (random, size) =>
    {
        var bytes = Example.Encode().RawData.ToList();
        for (var change = 0; change <= size / 8; change++)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(3))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveAt(at);
                    break;
                default:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
            }
        }

        try
        {
            IdentityExtension.Decode(bytes.ToArray());
        }
        catch (ProblemException)
        {
            // A refusal in words is as good as an answer.
        }
    });
}
