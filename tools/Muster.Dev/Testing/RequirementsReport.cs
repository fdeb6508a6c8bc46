using System.Text;
using Muster.Testing;

namespace Muster.Dev;

/// <summary>
/// Writes <c>docs/reference/requirements.md</c>: every requirement of <c>requirements.tsv</c>, the tests that say they
/// prove it, and what they last said. A requirement without a passing test is open, whatever else is claimed.
/// </summary>
internal static class RequirementsReport
{
    private const string Head = """
        # Requirements

        Written by `./dev test` from `requirements.tsv`, the tests that carry an id (`[Requirement("DM-001")]`, or the id in a
        web test's title) and their last results. *Open* means that no test proves it.
        Types: F feature, C configuration, P operational promise.


        """;

    private static string Source => Repository.Under("docs", "reference", "requirements.tsv");

    private static string Target => Repository.Under("docs", "reference", "requirements.md");

    public static void Write(TestResults results)
    {
        var text = Render(Read(Source), results.Tests);
        if (!File.Exists(Target) || File.ReadAllText(Target) != text)
        {
            File.WriteAllText(Target, text);
        }
    }

    internal static string Render(IReadOnlyList<Requirement> requirements, IEnumerable<TestResult> tests)
    {
        var proofs = tests
            .SelectMany(test => test.Requirements.Select(id => (Id: id, Name: MethodName(test.Name), test.Outcome)))
            .GroupBy(proof => proof.Id)
            .ToDictionary(group => group.Key, group => group.GroupBy(proof => proof.Name, proof => proof.Outcome).OrderBy(test => test.Key, StringComparer.Ordinal).ToList());
        if (proofs.Keys.Except(requirements.Select(requirement => requirement.Id)).Order().ToList() is { Count: > 0 } strangers)
        {
            throw new DevException($"tests name requirements that are not in requirements.tsv: {string.Join(", ", strangers)}");
        }

        var text = new StringBuilder(Head);
        var proved = requirements.Count(requirement => proofs.TryGetValue(requirement.Id, out var by) && Summary(by.SelectMany(test => test)) == TestOutcome.Passed);
        text.Append($"{proved} of {requirements.Count} proved.\n\n| id | type | part | requirement | tests | last result |\n|---|---|---|---|---|---|\n");
        foreach (var requirement in requirements)
        {
            var (names, result) = proofs.TryGetValue(requirement.Id, out var by)
                ? (string.Join("<br>", by.Select(test => test.Key)), Summary(by.SelectMany(test => test)).ToString().ToLowerInvariant())
                : ("", "open");
            text.Append($"| {requirement.Id} | {requirement.Type} | {requirement.Part} | {Cell(requirement.Text)} | {Cell(names)} | {result} |\n");
        }

        return text.ToString();
    }

    private static List<Requirement> Read(string file) =>
        [.. File.ReadLines(file).Skip(1).Select(line => line.Split('\t')).Select(columns => new Requirement(columns[0], columns[1], columns[2], columns[3]))];

    // One failure is a failure; a skipped test proves nothing.
    private static TestOutcome Summary(IEnumerable<TestOutcome> outcomes)
    {
        var all = outcomes.ToHashSet();
        return all.Contains(TestOutcome.Failed) ? TestOutcome.Failed : all.Contains(TestOutcome.Passed) ? TestOutcome.Passed : TestOutcome.Skipped;
    }

    // Rows of a theory are one test here; their arguments may be random.
    private static string MethodName(string name) =>
        name.StartsWith("web: ", StringComparison.Ordinal) || !name.Contains('(', StringComparison.Ordinal) ? name : name[..name.IndexOf('(', StringComparison.Ordinal)];

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}

internal sealed record Requirement(string Id, string Type, string Part, string Text);
