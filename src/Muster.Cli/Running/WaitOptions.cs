using System.CommandLine;
using Muster.Core.Problems;

namespace Muster.Cli.Running;

/// <summary>Options of every change that a machine or a task then works on.</summary>
/// <param name="until">What is waited for: "the machine is in sync".</param>
internal sealed class WaitOptions(string until = "the machine is in sync")
{
    private readonly Option<bool> wait = new("--wait") { Description = $"Wait until {until}, or has failed (exit code 1)" };

    private readonly Option<int?> timeout = new("--timeout") { Description = "With --wait: give up after so many seconds (exit code 1) [default: never]", HelpName = "seconds" };

    public IReadOnlyList<Symbol> All => [wait, timeout];

    public bool IsWanted(Run run) => run.Value(wait);

    public TimeSpan? Timeout(Run run) => run.Value(timeout) switch
    {
        null => null,
        { } seconds and > 0 => TimeSpan.FromSeconds(seconds),
        _ => throw new ProblemException([new Fault("timeout", "a number of seconds, at least 1")]),
    };
}
