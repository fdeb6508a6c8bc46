using Muster.Core.Problems;

namespace Muster.Protocol.Operations;

/// <summary>
/// What a person asks an operation to do. The same record travels from command line, web and API;
/// its property names (camelCase) are the names that faults carry.
/// </summary>
public interface IArguments
{
    /// <summary>Adds every mistake that can be seen without looking anything up.</summary>
    void Validate(Faults faults);
}

/// <summary>How a list is asked for. Reads take their arguments from the query.</summary>
public record ListArguments : IArguments
{
    /// <summary>Most items in one answer, 1 to 1,000.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>The <see cref="Listing{T}.Next"/> of the answer before, or null for the first.</summary>
    public string? Cursor { get; init; }

    /// <summary>Name of the member to sort by; <c>-</c> before it for descending. Null for the list's own order.</summary>
    public string? Sort { get; init; }

    /// <summary>Free text that names must contain, ignoring case.</summary>
    public string? Search { get; init; }

    /// <inheritdoc/>
    public virtual void Validate(Faults faults)
    {
        faults.Require(Limit is >= 1 and <= 1000, "limit", "a number from 1 to 1000");
        faults.Require(Search is null or { Length: <= 253 }, "search", "at most 253 characters");
    }
}

/// <summary>A list that says beside its page how many items each value of a facet would leave.</summary>
public record CountedListArguments : ListArguments
{
    /// <summary>Facets to count (comma-separated), by the names of their arguments: <c>state,link</c>. Null counts none.</summary>
    public string? Counts { get; init; }
}

/// <summary>One page of a list.</summary>
/// <param name="Items">The items, in the order asked for.</param>
/// <param name="Next">Cursor of the next page, or null at the end.</param>
/// <param name="Total">How many items there are on all pages.</param>
/// <param name="Counts">What was asked for by <see cref="CountedListArguments.Counts"/>, the most frequent value of each facet first.</param>
public sealed record Listing<T>(IReadOnlyList<T> Items, string? Next, long Total, IReadOnlyList<FacetCount>? Counts = null);

/// <summary>How many items one value of a facet would leave, under every filter but that facet's own.</summary>
public sealed record FacetCount(string Facet, string Value, long Count);

/// <summary>An object of Muster as other things refer to it.</summary>
/// <param name="Kind">Singular noun: <c>machine</c>, <c>image</c>.</param>
/// <param name="Id">Its id in shown form.</param>
/// <param name="Name">Its present name.</param>
public sealed record ObjectName(string Kind, string Id, string Name);
