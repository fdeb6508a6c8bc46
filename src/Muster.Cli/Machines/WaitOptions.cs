using System.CommandLine;
using Muster.Cli.Running;
using Muster.Core.Problems;

namespace Muster.Cli.Machines;

/// <summary>Options of every change that a machine then works on.</summary>
internal sealed class WaitOptions
{
    private readonly Option<bool> wait = new("--wait") { Description = "Wait until the machine is in sync, or has failed (exit code 1)" };

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
