using Muster.Protocol.Operations;
using Muster.Server.Database;
using Muster.Server.Identity;

namespace Muster.Server.Operations;

/// <summary>What an operation's planner decides.</summary>
internal sealed record PlanDraft(string Sentence)
{
    public IReadOnlyList<PlanChange> Changes { get; init; } = [];

    public IReadOnlyList<PlanEffect> Effects { get; init; } = [];

    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>
    /// For what may be made any number of times, such as an invitation: each plan is one of its own and makes one. Else the same plan made
    /// twice is the same plan, and nothing in the world tells that it was applied.
    /// </summary>
    public bool Repeatable { get; init; }

    /// <summary>Versions of the wanted objects and the seen facts on which it decided, never "last seen".</summary>
    public IReadOnlyList<PlanBasis> Basis { get; init; } = [];
}

/// <summary>All that a planner may consider besides its arguments. <see cref="Now"/> stays the same when the plan is checked again.</summary>
internal sealed record PlanContext(Caller Caller, ReadSql Sql, DateTimeOffset Now)
{
    public OrganisationId Organisation => Caller.Organisation;
}

/// <summary>The transaction in which a plan is carried out.</summary>
internal sealed record ApplyContext(Caller Caller, WriteSql Sql, DateTimeOffset Now)
{
    public OrganisationId Organisation => Caller.Organisation;
}

/// <summary>One consistent look at the database for a read.</summary>
internal sealed record ReadContext(Caller Caller, ReadSql Sql, DateTimeOffset Now)
{
    public OrganisationId Organisation => Caller.Organisation;
}
