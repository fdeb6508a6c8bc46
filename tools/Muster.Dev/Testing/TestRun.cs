using System.Globalization;
using Muster.Testing;

namespace Muster.Dev;

/// <summary>Builds everything once and runs suite after suite; each leaves a report in artifacts/test-results.</summary>
internal sealed record TestRun(int Seed, bool IsLong, string? Filter)
{
    // They drive whole programs, and install the packages.
    private static readonly string[] Suites = ["Muster.PeerTests", "Muster.BrowserTests"];

    // No suite takes a third of this; CI would wait much longer and then say nothing.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(25);

    private static string Reports => Repository.Under("artifacts", "test-results");

    public async Task<TestResults> RunAsync(CancellationToken cancellationToken)
    {
        if (Directory.Exists(Reports))
        {
            Directory.Delete(Reports, recursive: true);
        }

        Directory.CreateDirectory(Reports);
        var tests = new List<TestResult>();
        var broken = new List<string>();

        await Build.SolutionAsync(cancellationToken);
        await RunXunitAsync("Muster.Tests", tests, broken, cancellationToken);
        await RunOnPostgresAsync(tests, broken, cancellationToken);

        // After the tests that write the OpenAPI document, which the pages are typed from, and before those that look at pages.
        if (WebBuild.Exists)
        {
            await WebBuild.BuildAsync(cancellationToken);
            await RunVitestAsync(tests, broken, cancellationToken);
        }

        if (Filter is null || Filter.Contains("packag", StringComparison.OrdinalIgnoreCase))
        {
            await PackageCommand.EnsureAsync(cancellationToken);
        }

        foreach (var suite in Suites)
        {
            await RunXunitAsync(suite, tests, broken, cancellationToken);
        }

        return new(tests, broken);
    }

    // The whole suite again: what does not need a database is the quick part of it.
    private async Task RunOnPostgresAsync(List<TestResult> tests, List<string> broken, CancellationToken cancellationToken)
    {
        try
        {
            await using var postgres = await PostgresServer.StartAsync(cancellationToken);
            using var secret = new TemporaryFolder();
            var file = secret.Under("database");
            ConnectionFiles.Write(file, postgres.ConnectionString);
            await RunXunitAsync("Muster.Tests", tests, broken, cancellationToken, "on PostgreSQL", (TestDatabase.Variable, file));
        }
        catch (CommandException e)
        {
            Console.WriteLine(e.Message);
            broken.Add("Muster.Tests on PostgreSQL");
        }
    }

    private async Task RunXunitAsync(
        string program, List<TestResult> tests, List<string> broken, CancellationToken cancellationToken, string? where = null, params (string, string)[] environment)
    {
        var suite = where is null ? program : $"{program} {where}";
        Console.WriteLine($"== {suite}");
        var report = Path.Combine(Reports, suite.Replace(' ', '-') + ".xml");
        List<string> command = [Build.Program(program), $":{Seed}", "-noLogo", "-longRunning", "120", "-xml", report];
        if (Console.IsOutputRedirected)
        {
            command.Add("-noColor");
        }

        if (Filter is not null)
        {
            command.AddRange(["-method", $"*{Filter}*"]);
        }

        var code = await TryAsync(suite, command, environment, cancellationToken);
        if (code is null || !File.Exists(report))
        {
            broken.Add(suite);
            return;
        }

        var results = TestReports.ReadXunit(report).Select(test => test with { Where = where }).ToList();
        tests.AddRange(results);
        var isExplained = code == 0 || results.Any(test => test.Outcome == TestOutcome.Failed) || (Filter is not null && results.Count == 0);
        if (!isExplained || TestReports.XunitHasErrors(report))
        {
            broken.Add(suite);
        }
    }

    /// <summary>Null for a suite that hangs: what hung was named on the console, and the suites after it still run.</summary>
    private async Task<int?> TryAsync(string suite, List<string> command, (string, string)[] environment, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (!IsLong)
        {
            limited.CancelAfter(Longest);
        }

        try
        {
            return await AsRoot.TryAsync(command, limited.Token, [.. Environment, .. environment]);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Console.WriteLine($"{suite} was ended after {Longest.TotalMinutes} minutes; the tests that ran too long are named above");
            return null;
        }
    }

    private async Task RunVitestAsync(List<TestResult> tests, List<string> broken, CancellationToken cancellationToken)
    {
        Console.WriteLine("== web");
        var report = Path.Combine(Reports, "web.json");
        var code = await WebBuild.TestAsync(report, Filter, cancellationToken);
        if (!File.Exists(report))
        {
            broken.Add("web");
            return;
        }

        var results = TestReports.ReadVitest(report).ToList();
        tests.AddRange(results);
        if (code != 0 && Filter is null && !results.Any(test => test.Outcome == TestOutcome.Failed))
        {
            broken.Add("web");
        }
    }

    private (string, string)[] Environment =>
    [
        ("MUSTER_SEED", Seed.ToString(CultureInfo.InvariantCulture)),
        ("MUSTER_LONG", IsLong ? "1" : "0"),
    ];
}
