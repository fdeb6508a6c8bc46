using Muster.Testing;

namespace Muster.Dev;

/// <summary>The list of whole runs of the long random series; it is committed, so that a claim has its seed beside it.</summary>
internal static class LongRuns
{
    private static string File => Repository.Under("docs", "reference", "long-runs.md");

    public static void Record(TestRun run, TestResults results, DateOnly day)
    {
        if (!System.IO.File.Exists(File))
        {
            System.IO.File.WriteAllText(File, """
                # Long runs

                Whole runs of the random series (`./dev test --long`); `--seed` repeats one.

                | date | seed | filter | result |
                |---|---|---|---|

                """);
        }

        System.IO.File.AppendAllText(File,
            $"| {day:yyyy-MM-dd} | {run.Seed} | {run.Filter ?? "all"} | {results.Passed} passed, {results.Failed} failed, {results.Skipped} skipped |\n");
    }
}
