using Muster.Core.Problems;

namespace Muster.Cli.Running;

/// <summary>What a script learns from the end of the program. The numbers above 63 are those of sysexits.h.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>What was waited for did not come to be (<c>--wait</c>, <c>images check</c>), or two things compared are different.</summary>
    public const int NotSo = 1;

    /// <summary>Asked wrongly, or nobody there to confirm.</summary>
    public const int Wrong = 2;

    public const int Interrupted = 130;

    public static int Of(ProblemKind kind) => kind switch
    {
        ProblemKind.Invalid or ProblemKind.TooLarge => Wrong,
        ProblemKind.Denied or ProblemKind.Unauthenticated => 3,
        ProblemKind.NotFound => 4,
        ProblemKind.Conflict => 5,
        ProblemKind.Unavailable or ProblemKind.Throttled => 75,
        ProblemKind.Full => 74,
        _ => 70,
    };
}
