using Muster.Core.Problems;

namespace Muster.Protocol.Operations;

/// <summary>Arguments of an operation that needs none.</summary>
public sealed record NoArguments : IArguments
{
    /// <inheritdoc/>
    public void Validate(Faults faults)
    {
    }
}
