using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Muster.Testing;

namespace Muster.Tests.Architecture;

/// <summary>Whose work is in what ships, read from the lock files.</summary>
public sealed class ThirdPartyTests
{
    // What may be part of a program under Apache-2.0. A licence that is not here is read by a person before it is added.
    private static readonly string[] Allowed = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "PostgreSQL"];

    private sealed record Part(string Name, string Version, string Licence);

    [Fact]
    public void What_ships_is_listed_with_its_licence()
    {
        var text = new StringBuilder("""
            # Third-party parts

            Written by a test from the lock files; `./dev golden` rewrites it. Only what is part of a released program is listed, not what builds or tests it.

            ## Server, agent and command line (NuGet)

            .NET itself (MIT) is part of every program.


            """);
        Append(text, NuGetParts());
        text.Append("\n## Pages (npm)\n\n");
        Append(text, NpmParts());
        text.Append("""

            The pages also carry the fonts of PatternFly: Red Hat Display, Red Hat Text and Red Hat Mono (OFL-1.1) and PatternFly's own icons (MIT).

            ## Debian's libraries

            The agent's folder carries libssl and libcrypto (OpenSSL, Apache-2.0) and libzstd (BSD-3-Clause); `SBOM.txt` there names the exact builds and their source packages. Server and command line load the host's libssl and libzstd, the server also its libstdc++ and libsqlite3 (public domain).

            ## Programs that are started, not linked

            | program | licence | by |
            |---|---|---|
            | curl | curl | the join line |
            | tar, gzip, coreutils | GPL-3.0-or-later | the join line |
            | systemctl | LGPL-2.1-or-later | the join line, the packages' scripts |
            | setpriv (util-linux) | GPL-2.0-or-later | `muster server`, to become the server's user |
            | adduser, deb-systemd-helper (init-system-helpers) | GPL-2.0-or-later, BSD-3-Clause | the packages' scripts |
            | mmdebstrap, Chromium, PostgreSQL | MIT, BSD-3-Clause, PostgreSQL | development and tests only |

            """);

        Golden.Match(text.ToString(), "../../../docs/reference/third-party.md");
    }

    [Fact]
    public void Only_what_may_be_part_of_Muster_ships() =>
        Assert.All(NuGetParts().Concat(NpmParts()), part => Assert.True(IsAllowed(part.Licence), $"{part.Name} {part.Version} is under {part.Licence}"));

    [Theory]
    [InlineData("MIT", true)]
    [InlineData("(MIT OR GPL-2.0)", true)]
    [InlineData("MIT AND BSD-3-Clause", true)]
    [InlineData("MIT AND GPL-3.0-only", false)]
    [InlineData("(MIT AND GPL-2.0-only) OR Apache-2.0", false)]
    [InlineData("GPL-3.0-only", false)]
    [InlineData("GNU GPL v3", false)]
    [InlineData("SEE LICENSE IN LICENSE.md", false)]
    [InlineData("unknown", false)]
    public void A_licence_that_nobody_has_looked_at_is_not_allowed(string licence, bool expected) => Assert.Equal(expected, IsAllowed(licence));

    // Where one may choose, one that is allowed is enough; what is mixed otherwise is for a person to read.
    private static bool IsAllowed(string licence)
    {
        var words = licence.StartsWith('(') && licence.EndsWith(')') ? licence[1..^1] : licence;
        return words.Contains(" AND ", StringComparison.Ordinal)
            ? words.Split(" AND ").All(Allowed.Contains)
            : words.Split(" OR ").Any(Allowed.Contains);
    }

    private static List<Part> NuGetParts()
    {
        var found = from file in Directory.EnumerateFiles(Repository.Under("src"), "packages.lock.json", SearchOption.AllDirectories)
                    from framework in JsonDocument.Parse(File.ReadAllBytes(file)).RootElement.GetProperty("dependencies").EnumerateObject()
                    from package in framework.Value.EnumerateObject()
                    where package.Value.GetProperty("type").GetString() != "Project" && !IsForBuilding(package.Name)
                    select (package.Name, Version: package.Value.GetProperty("resolved").GetString()!);
        return [.. found.Distinct().Select(part => new Part(part.Name, part.Version, NuGetLicence(part.Name, part.Version))).OrderBy(part => part.Name, StringComparer.OrdinalIgnoreCase)];
    }

    private static bool IsForBuilding(string package) => package is "Microsoft.NET.ILLink.Tasks" or "Microsoft.CodeAnalysis.BannedApiAnalyzers" || package.EndsWith("Microsoft.DotNet.ILCompiler", StringComparison.Ordinal);

    private static string NuGetLicence(string name, string version)
    {
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var id = name.ToLowerInvariant();
        var metadata = XDocument.Load(Path.Combine(cache, id, version.ToLowerInvariant(), id + ".nuspec")).Root!.Elements().First();
        return metadata.Elements().FirstOrDefault(element => element.Name.LocalName == "license")?.Value
            ?? metadata.Elements().FirstOrDefault(element => element.Name.LocalName == "licenseUrl")?.Value
            ?? "unknown";
    }

    private static List<Part> NpmParts()
    {
        var found = from entry in JsonDocument.Parse(File.ReadAllBytes(Repository.Under("web", "package-lock.json"))).RootElement.GetProperty("packages").EnumerateObject()
                    where entry.Name.Length > 0 && !Is(entry.Value, "dev") && !Is(entry.Value, "optional") && !Is(entry.Value, "devOptional")
                    select new Part(
                        entry.Name[(entry.Name.LastIndexOf("node_modules/", StringComparison.Ordinal) + "node_modules/".Length)..],
                        entry.Value.GetProperty("version").GetString()!,
                        entry.Value.TryGetProperty("license", out var licence) ? licence.GetString()! : "unknown");
        return [.. found.Distinct().OrderBy(part => part.Name, StringComparer.Ordinal).ThenBy(part => part.Version, StringComparer.Ordinal)];
    }

    private static bool Is(JsonElement entry, string flag) => entry.TryGetProperty(flag, out var value) && value.ValueKind == JsonValueKind.True;

    private static void Append(StringBuilder text, IEnumerable<Part> parts)
    {
        text.Append("| part | version | licence |\n|---|---|---|\n");
        foreach (var part in parts)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"| {part.Name} | {part.Version} | {part.Licence} |\n");
        }
    }
}
