namespace Muster.Core.Problems;

/// <summary>
/// A failure that somebody has to act on: thrown deep, caught at an edge.
/// <see cref="Code"/> is stable (dotted lower case, <c>object.corrupt</c>); the message is for people and may change.
/// </summary>
public sealed class ProblemException : Exception
{
    /// <summary>A problem of a kind, with its stable code, what happened, where, and what to do.</summary>
    public ProblemException(ProblemKind kind, string code, string message, Exception? cause = null)
        : base(message, cause)
    {
        Kind = kind;
        Code = code;
    }

    /// <summary>A problem of wrong arguments: all their faults together.</summary>
    public ProblemException(IReadOnlyList<Fault> faults)
        : base(string.Join("; ", faults.Select(fault => $"{fault.Argument}: {fault.Message}")))
    {
        Kind = ProblemKind.Invalid;
        Code = "arguments.invalid";
        Faults = faults;
    }

    /// <summary>A problem of wrong arguments or settings under a code of its own.</summary>
    public ProblemException(string code, IReadOnlyList<Fault> faults)
        : this(faults) => Code = code;

    /// <summary>Who has to act.</summary>
    public ProblemKind Kind { get; }

    /// <summary>Stable, golden name of this problem.</summary>
    public string Code { get; }

    /// <summary>What is wrong with which argument; empty when the problem is not of that kind.</summary>
    public IReadOnlyList<Fault> Faults { get; } = [];

    /// <summary>How long to wait before asking again, where that is known.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>One mistake in what somebody asked for.</summary>
/// <param name="Argument">Name of the argument as the person typed it (camelCase in JSON; the command line maps it to its option).</param>
/// <param name="Message">What is wrong and what is allowed.</param>
public sealed record Fault(string Argument, string Message);

/// <summary>Collects every mistake of one request, so that all are reported together.</summary>
public sealed class Faults
{
    private readonly List<Fault> found = [];

    /// <summary>All mistakes found so far.</summary>
    public IReadOnlyList<Fault> Found => found;

    /// <summary>Adds a mistake.</summary>
    public void Add(string argument, string message) => found.Add(new Fault(argument, message));

    /// <summary>Adds a mistake unless <paramref name="good"/>.</summary>
    public void Require(bool good, string argument, string message)
    {
        if (!good)
        {
            Add(argument, message);
        }
    }

    /// <summary>Throws <see cref="ProblemException"/> with all mistakes, if there are any.</summary>
    public void ThrowIfAny()
    {
        if (found.Count > 0)
        {
            throw new ProblemException([.. found]);
        }
    }
}
