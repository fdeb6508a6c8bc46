using System.Text.RegularExpressions;
using System.Xml.Linq;
using Muster.Testing;

namespace Muster.Tests.Architecture;

/// <summary>Which project needs which, and inside the server which feature needs which, read from the sources.</summary>
public sealed partial class ArrowTests
{
    // What every feature may use without asking.
    private static readonly HashSet<string> GroundFloor = ["Operations", "Tasks", "Events", "Identity", "Secrets", "Audit", "Database", "Edge"];

    [Fact]
    public void A_new_arrow_between_projects_or_features_is_seen_in_review()
    {
        var lines = ProjectArrows().Concat(FeatureArrows().Select(arrow => $"Server: {arrow.From} -> {arrow.To}"));

        Golden.Match(string.Join('\n', lines.Order(StringComparer.Ordinal)), "arrows.golden.txt");
    }

    [Fact]
    public void No_two_features_point_at_each_other()
    {
        var arrows = FeatureArrows();

        Assert.DoesNotContain(arrows, arrow => arrows.Contains((arrow.To, arrow.From)));
    }

    private static IEnumerable<string> ProjectArrows() =>
        from file in Directory.EnumerateFiles(Repository.Under("src"), "*.csproj", SearchOption.AllDirectories)
        from reference in XDocument.Load(file).Descendants("ProjectReference")
        select $"{Short(file)} -> {Short((string)reference.Attribute("Include")!)}";

    private static HashSet<(string From, string To)> FeatureArrows()
    {
        var server = Repository.Under("src", "Muster.Server");
        var arrows = from folder in Directory.EnumerateDirectories(server)
                     let feature = Path.GetFileName(folder)
                     where !GroundFloor.Contains(feature)
                     from file in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
                     from Match used in ServerNamespace().Matches(File.ReadAllText(file))
                     let other = used.Groups[1].Value
                     where other != feature && !GroundFloor.Contains(other) && Directory.Exists(Path.Combine(server, other))
                     select (feature, other);
        return [.. arrows];
    }

    private static string Short(string project) => Path.GetFileNameWithoutExtension(project)["Muster.".Length..];

    // Also names written in full, which need no using line.
    [GeneratedRegex(@"Muster\.Server\.([A-Z]\w+)\b")]
    private static partial Regex ServerNamespace();
}
