using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Muster.Testing;

namespace Muster.Tests.Architecture;

/// <summary>Whose work is in what ships, read from the lock files.</summary>
public sealed class ThirdPartyTests
{
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

            ## Debian's libraries

            The agent's folder carries libssl and libcrypto (OpenSSL, Apache-2.0) and libzstd (BSD-3-Clause), and libstdc++ and libgcc_s (GPL-3.0-or-later WITH GCC-exception-3.1, which lets them lie beside any program); `SBOM.txt` there names the exact builds. Server and command line load the host's libssl, libzstd and libsqlite3 (public domain).

            ## Programs that are started, not linked

            curl (curl) and tar (GPL-3.0-or-later) in the join line; setpriv (GPL-2.0-or-later) by `muster server` run as root; mmdebstrap (MIT) and Chromium (BSD-3-Clause) only in `./dev` and tests.

            """);

        Golden.Match(text.ToString(), "../../../docs/reference/third-party.md");
    }

    [Fact]
    public void Nothing_under_GPL_or_AGPL_ships() =>
        Assert.DoesNotContain(NuGetParts().Concat(NpmParts()), part => IsCopyleft(part.Licence));

    [Theory]
    [InlineData("GPL-3.0-only", true)]
    [InlineData("AGPL-3.0-or-later", true)]
    [InlineData("(MIT OR GPL-2.0)", false)]
    [InlineData("LGPL-2.1", false)]
    [InlineData("MIT", false)]
    public void Copyleft_is_recognised(string licence, bool expected) => Assert.Equal(expected, IsCopyleft(licence));

    // Where one may choose, the other licence is chosen.
    private static bool IsCopyleft(string licence) =>
        licence.Trim('(', ')').Split(" OR ").All(choice => choice.StartsWith("GPL", StringComparison.Ordinal) || choice.StartsWith("AGPL", StringComparison.Ordinal));

    private static List<Part> NuGetParts()
    {
        var found = from file in Directory.EnumerateFiles(Repository.Under("src"), "packages.lock.json", SearchOption.AllDirectories)
                    from framework in JsonDocument.Parse(File.ReadAllBytes(file)).RootElement.GetProperty("dependencies").EnumerateObject()
                    from package in framework.Value.EnumerateObject()
                    where package.Value.GetProperty("type").GetString() != "Project" && !IsForBuilding(package.Name)
                    select (package.Name, Version: package.Value.GetProperty("resolved").GetString()!);
        return [.. found.Distinct().Select(part => new Part(part.Name, part.Version, NuGetLicence(part.Name, part.Version))).OrderBy(part => part.Name, StringComparer.OrdinalIgnoreCase)];
    }

    private static bool IsForBuilding(string package) => package is "Microsoft.NET.ILLink.Tasks" or "Microsoft.CodeAnalysis.BannedApiAnalyzers";

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
