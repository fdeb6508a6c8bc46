using System.Globalization;
using System.Security.Cryptography;
using Muster.Testing;

namespace Muster.Dev;

/// <summary>
/// <c>./dev test</c>: what CI runs. Builds once, runs every suite to its end whatever failed before, and closes with one
/// line. No test at all is a failure too.
/// </summary>
internal static class TestCommand
{
    public static async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var options = new Options(arguments, ["--long"], ["--filter", "--seed"]);
        var run = new TestRun(
            options.FindNumber("--seed") ?? SeedFromEnvironment() ?? RandomNumberGenerator.GetInt32(int.MaxValue),
            options.Has("--long") || Series.IsLong,
            options.Find("--filter"));
        Console.WriteLine($"seed {run.Seed}{(run.IsLong ? ", long series whole" : "")} (repeat with --seed {run.Seed})");

        var results = await run.RunAsync(cancellationToken);

        if (run.Filter is null)
        {
            RequirementsReport.Write(results);
        }

        if (run.IsLong)
        {
            LongRuns.Record(run, results, DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime));
        }

        foreach (var failed in results.Tests.Where(test => test.Outcome == TestOutcome.Failed))
        {
            Console.WriteLine($"failed: {failed.Name} {failed.Where}".TrimEnd());
        }

        foreach (var suite in results.BrokenSuites)
        {
            Console.WriteLine($"failed: {suite} did not run to its end");
        }

        if (results.Ran == 0)
        {
            Console.WriteLine(run.Filter is null ? "failed: not one test ran" : $"failed: not one test ran; is there one whose name contains {run.Filter}?");
        }

        Console.WriteLine($"{results.Passed} passed, {results.Failed} failed, {results.Skipped} skipped");
        return results.Failed == 0 && results.Ran > 0 ? 0 : 1;
    }

    private static int? SeedFromEnvironment() =>
        int.TryParse(Environment.GetEnvironmentVariable("MUSTER_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : null;
}
