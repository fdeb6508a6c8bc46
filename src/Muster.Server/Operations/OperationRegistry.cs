using System.Diagnostics.CodeAnalysis;

namespace Muster.Server.Operations;

/// <summary>Every operation of this server, by name. Routes, permissions, the OpenAPI document and <c>Operations.List</c> come from here.</summary>
internal sealed class OperationRegistry
{
    private readonly Dictionary<string, Operation> byName;

    public OperationRegistry(IEnumerable<Operation> operations)
    {
        All = [.. operations.OrderBy(operation => operation.Name, StringComparer.Ordinal)];
        byName = All.ToDictionary(operation => operation.Name, StringComparer.Ordinal);
    }

    public IReadOnlyList<Operation> All { get; }

    public bool TryFind(string name, [NotNullWhen(true)] out Operation? operation) => byName.TryGetValue(name, out operation);
}
