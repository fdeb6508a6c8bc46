namespace Muster.Dev;

internal enum TestOutcome
{
    Passed,
    Failed,
    Skipped,
}

/// <summary>One test, and the requirements it says it proves.</summary>
internal sealed record TestResult(string Name, TestOutcome Outcome, IReadOnlyList<string> Requirements)
{
    /// <summary>What is said after its name where a suite runs more than once, such as <c>on PostgreSQL</c>.</summary>
    public string? Where { get; init; }
}

/// <summary>What all suites together had to say. A suite that broke counts as one failure, so it can never look green.</summary>
internal sealed record TestResults(IReadOnlyList<TestResult> Tests, IReadOnlyList<string> BrokenSuites)
{
    public int Passed => Tests.Count(test => test.Outcome == TestOutcome.Passed);

    public int Failed => Tests.Count(test => test.Outcome == TestOutcome.Failed) + BrokenSuites.Count;

    /// <summary>A test that was skipped, or left out by a filter, says nothing.</summary>
    public int Ran => Passed + Failed;

    public int Skipped => Tests.Count(test => test.Outcome == TestOutcome.Skipped);
}
