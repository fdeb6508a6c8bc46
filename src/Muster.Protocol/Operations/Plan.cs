using System.Text.Json.Serialization;
using System.Text.Json;
using Muster.Core.Objects;

namespace Muster.Protocol.Operations;

/// <summary>What an operation would change, named by its hash (decision 10). Applying names the hash; if the world moved it is refused.</summary>
/// <param name="Hash">SHA-256 over the canonical JSON of organisation, operation, arguments, changes, limits and basis.</param>
/// <param name="Operation">Such as <c>Machines.RequireImage</c>.</param>
/// <param name="Sentence">What will happen, for people: "Require image web/1 on machine web-1".</param>
/// <param name="Arguments">The arguments as they were understood; secrets as keyed digests.</param>
/// <param name="Changes">Every object created, changed, deleted or run.</param>
/// <param name="Effects">What follows: machines touched, bytes to move, reboots. Forecasts stand outside the hash.</param>
/// <param name="Warnings">What a careful person should read first.</param>
/// <param name="Basis">On which facts the planner decided.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">Until when it can be applied.</param>
public sealed record Plan(
    Digest Hash,
    string Operation,
    string Sentence,
    JsonElement Arguments,
    IReadOnlyList<PlanChange> Changes,
    IReadOnlyList<PlanEffect> Effects,
    IReadOnlyList<string> Warnings,
    IReadOnlyList<PlanBasis> Basis,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt)
{
    /// <summary>Makes the plan of something that may be made any number of times one of its own; stands in the hash.</summary>
    public string? Nonce { get; init; }
}

/// <summary>What happens to an object.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PlanAction>))]
public enum PlanAction
{
    /// <summary>It comes to be.</summary>
    [JsonStringEnumMemberName("create")]
    Create,

    /// <summary>It becomes different.</summary>
    [JsonStringEnumMemberName("change")]
    Change,

    /// <summary>It goes.</summary>
    [JsonStringEnumMemberName("delete")]
    Delete,

    /// <summary>It is told to do something.</summary>
    [JsonStringEnumMemberName("run")]
    Run,
}

/// <summary>One object that a plan touches.</summary>
/// <param name="Action">What happens to it.</param>
/// <param name="Object">Which one. A new one has no id yet (empty).</param>
/// <param name="Members">What becomes of its members: name, before, after as text; null where there is none.</param>
public sealed record PlanChange(PlanAction Action, ObjectName Object, IReadOnlyList<PlanMember> Members);

/// <summary>One member of an object, before and after.</summary>
public sealed record PlanMember(string Name, string? Before, string? After);

/// <summary>A consequence as a number with a unit.</summary>
/// <param name="Name">Stable name: <c>machines</c>, <c>bytes</c>, <c>files</c>, <c>reboots</c>.</param>
/// <param name="Label">For people.</param>
/// <param name="Value">How many.</param>
/// <param name="Unit">Such as <c>bytes</c>, <c>minutes</c>; null for plain counts.</param>
/// <param name="Forecast">True for a guess, which stands outside the hash; false for an upper limit within it.</param>
public sealed record PlanEffect(string Name, string Label, long Value, string? Unit, bool Forecast);

/// <summary>A fact that was decided on.</summary>
/// <param name="Object">Of which object.</param>
/// <param name="Fact">Which fact: <c>version</c>, <c>requiredImage</c>.</param>
/// <param name="Value">Its value then.</param>
public sealed record PlanBasis(ObjectName Object, string Fact, string Value);
