using Muster.Core.Problems;
using Muster.Protocol.Operations;
using Muster.Server.Certificates;

namespace Muster.Server.Identity;

internal enum CallerKind
{
    User,
    Token,
    Certificate,
    Agent,
}

/// <summary>Who asks, and what they may do at this moment. Default deny: what no grant covers is refused.</summary>
internal sealed record Caller(CallerKind Kind, OrganisationId Organisation, string Id, string Name)
{
    /// <summary>The user whose rights these are at most; for an agent the default.</summary>
    public UserId User { get; init; }

    /// <summary>Whose plans these are: a person's own from every session and token of theirs, so that what was planned in the page can be applied from a shell.</summary>
    public string Planner => User == default ? Id : User.ToString();

    /// <summary>For an agent: its machine.</summary>
    public MachineId Machine { get; init; }

    /// <summary>For an agent: what it showed.</summary>
    public IssuedCertificate? Certificate { get; init; }

    /// <summary>Patterns of the owner's grants.</summary>
    public IReadOnlyList<string> Grants { get; init; } = [];

    /// <summary>For tokens and certificates: the patterns they carry. A call needs both.</summary>
    public IReadOnlyList<string>? Narrowed { get; init; }

    public bool MustChangePassword { get; init; }

    /// <summary>For browser sessions: what a change must carry in <c>X-Muster-Csrf</c>.</summary>
    public string? Csrf { get; init; }

    /// <summary>For browser sessions: the session's hash.</summary>
    public string? Session { get; init; }

    public bool May(string operation, bool sensitive) =>
        Covers(Grants, operation, sensitive) && (Narrowed is null || Covers(Narrowed, operation, sensitive));

    /// <summary>What the caller may use now, as patterns to show.</summary>
    public IReadOnlyList<string> Patterns => Narrowed ?? Grants;

    public void Require(string operation, bool sensitive, bool whilePasswordMustChange)
    {
        if (MustChangePassword && !whilePasswordMustChange)
        {
            throw new ProblemException(ProblemKind.Denied, "password.change-first", "change your password first (Users.ChangePassword); until then nothing else is allowed");
        }

        if (!May(operation, sensitive))
        {
            throw new ProblemException(ProblemKind.Denied, "operation.denied", $"{Name} may not use {operation}; whoever holds Grants.Add can give it");
        }
    }

    private static bool Covers(IReadOnlyList<string> patterns, string operation, bool sensitive) =>
        patterns.Any(pattern => OperationPattern.Covers(pattern, operation, sensitive));
}
