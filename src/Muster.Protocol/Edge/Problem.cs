using Muster.Core.Problems;

namespace Muster.Protocol.Edge;

/// <summary>A failure on the wire (RFC 9457, <c>application/problem+json</c>).</summary>
/// <param name="Type"><c>about:blank</c>: the code says what it is.</param>
/// <param name="Title">The kind, for people.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Detail">What happened, where, and what to do.</param>
/// <param name="Kind">Who has to act: the problem kind in camelCase.</param>
/// <param name="Code">Stable name, <c>plan.stale</c>.</param>
/// <param name="Correlation">Finds this request in the server's log.</param>
public sealed record Problem(string Type, string Title, int Status, string Detail, string Kind, string Code, string Correlation)
{
    /// <summary>The media type of this record.</summary>
    public const string MediaType = "application/problem+json";

    /// <summary>Every mistake in the arguments.</summary>
    public IReadOnlyList<Fault>? Faults { get; init; }

    /// <summary>For <c>plan.stale</c>: which facts moved.</summary>
    public IReadOnlyList<MovedFact>? Moved { get; init; }

    /// <summary>Seconds to wait before asking again.</summary>
    public int? RetryAfter { get; init; }
}

/// <summary>A fact on which a plan rested, then and now.</summary>
public sealed record MovedFact(string What, string? Planned, string? Now);
