namespace Muster.Protocol.Operations;

/// <summary>Marks an argument that must not be readable in a plan, a log or the database: it stands there as a keyed digest.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecretArgumentAttribute : Attribute;

/// <summary>Arguments of an operation that needs none.</summary>
public sealed record NoArguments : IArguments
{
    /// <inheritdoc/>
    public void Validate(Core.Problems.Faults faults)
    {
    }
}
