using System.Text.RegularExpressions;
using Muster.Testing;

namespace Muster.Tests.Architecture;

/// <summary>What the documents point at is there.</summary>
public sealed partial class LinkTests
{
    private static readonly string[] Folders = ["docs", "deploy", "tests", "src", "tools"];

    [Fact]
    public void Every_relative_link_of_the_documents_leads_somewhere()
    {
        var broken = from document in Documents()
                     from Match link in Link().Matches(WithoutCode(File.ReadAllText(document)))
                     let target = link.Groups[1].Value.Split('#')[0]
                     where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal)
                     let path = Path.Combine(Path.GetDirectoryName(document)!, Uri.UnescapeDataString(target))
                     where !Path.Exists(path)
                     select $"{Path.GetRelativePath(Repository.Root, document)}: {link.Groups[1].Value}";

        Assert.Empty(broken);
    }

    [Fact]
    public void Every_file_that_the_documents_name_in_code_is_there()
    {
        var broken = from document in Documents()
                     where Path.GetFileName(document) != "CHANGELOG.md"
                     from Match name in Named().Matches(File.ReadAllText(document))
                     where !Path.Exists(Repository.Under(name.Groups[1].Value.Split('/')))
                     select $"{Path.GetRelativePath(Repository.Root, document)}: {name.Groups[1].Value}";

        Assert.Empty(broken);
    }

    private static IEnumerable<string> Documents() => Directory.EnumerateFiles(Repository.Root, "*.md")
        .Concat(Folders.SelectMany(folder => Directory.EnumerateFiles(Repository.Under(folder), "*.md", SearchOption.AllDirectories)));

    private static string WithoutCode(string text) => Code().Replace(text, "");

    [GeneratedRegex(@"\[[^\]]*\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"```.*?```|`[^`\n]*`", RegexOptions.Singleline)]
    private static partial Regex Code();

    // Whole paths of the repository; patterns and places to fill in are not.
    [GeneratedRegex(@"`((?:src|tests|docs|tools|deploy|web)/[A-Za-z0-9_./-]+)`")]
    private static partial Regex Named();
}
