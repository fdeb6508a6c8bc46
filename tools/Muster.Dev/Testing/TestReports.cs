using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Muster.Dev;

/// <summary>Reads the reports that xunit (XML) and vitest (JSON) leave behind.</summary>
internal static partial class TestReports
{
    public static IEnumerable<TestResult> ReadXunit(string file) =>
        from test in XDocument.Load(file).Descendants("test")
        let outcome = (string?)test.Attribute("result") switch
        {
            "Pass" => TestOutcome.Passed,
            "Skip" or "NotRun" => TestOutcome.Skipped,
            _ => TestOutcome.Failed,
        }
        let requirements = test.Descendants("trait")
            .Where(trait => (string?)trait.Attribute("name") == "Requirement")
            .Select(trait => (string)trait.Attribute("value")!)
        select new TestResult((string)test.Attribute("name")!, outcome, [.. requirements]);

    /// <summary>Errors outside tests, such as a fixture's clean-up, belong to no test but must not be lost.</summary>
    public static bool XunitHasErrors(string file) =>
        XDocument.Load(file).Descendants("assembly").Any(assembly => (int?)assembly.Attribute("errors") is > 0);

    public static IEnumerable<TestResult> ReadVitest(string file)
    {
        using var report = JsonDocument.Parse(File.ReadAllBytes(file));
        foreach (var suite in report.RootElement.GetProperty("testResults").EnumerateArray())
        {
            var tests = suite.GetProperty("assertionResults").EnumerateArray().ToList();
            foreach (var test in tests)
            {
                var name = test.GetProperty("fullName").GetString()!;
                var outcome = test.GetProperty("status").GetString() switch
                {
                    "passed" => TestOutcome.Passed,
                    "failed" => TestOutcome.Failed,
                    _ => TestOutcome.Skipped,
                };
                yield return new($"web: {name}", outcome, [.. RequirementId().Matches(name).Select(match => match.Value)]);
            }

            // A file that does not even load has no tests to tell about it.
            if (tests.Count == 0 && suite.GetProperty("status").GetString() == "failed")
            {
                yield return new($"web: {suite.GetProperty("name").GetString()}", TestOutcome.Failed, []);
            }
        }
    }

    [GeneratedRegex(@"\b(DK|DKX|DM|DMX|TS|TSX|FL|W)-\d{3}\b")]
    private static partial Regex RequirementId();
}
