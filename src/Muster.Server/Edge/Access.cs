using Muster.Server.Operations;

namespace Muster.Server.Edge;

/// <summary>Who may use a route. Every route has exactly one; one without is refused as a bug.</summary>
internal abstract record Access
{
    private Access()
    {
    }

    /// <summary>Whoever may use the operation.</summary>
    internal sealed record ByOperation(Operation Operation) : Access;

    /// <summary>Whoever is signed in; the handler asks for the operation that its arguments name.</summary>
    internal sealed record SignedIn(string Why) : Access;

    /// <summary>Machines with a certificate of ours; <paramref name="Expired"/> where an expired one is still good.</summary>
    internal sealed record Agents(bool Expired = false) : Access;

    /// <summary>Everybody.</summary>
    internal sealed record Everybody(string Why) : Access;
}

internal static class AccessExtensions
{
    public static TBuilder For<TBuilder>(this TBuilder builder, Access access)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint => endpoint.Metadata.Add(access));
        return builder;
    }
}
