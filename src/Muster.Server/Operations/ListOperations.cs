using Muster.Protocol.Operations;

namespace Muster.Server.Operations;

/// <summary>What this server can be asked for.</summary>
internal sealed class ListOperations(IServiceProvider services) : ReadOperation<NoArguments, Listing<OperationDescription>>
{
    public override string Name => "Operations.List";

    public override string Summary => "Lists every operation of this server and whether you may use it.";

    public override Task<Listing<OperationDescription>> ReadAsync(NoArguments arguments, ReadContext context, CancellationToken cancellationToken)
    {
        // Asked for late: the registry is made from the operations, of which this is one.
        var all = services.GetRequiredService<OperationRegistry>().All
            .Select(operation => new OperationDescription(
                operation.Name,
                operation.Summary,
                operation.Kind,
                operation.Method,
                operation.Path,
                operation.Sensitive,
                context.Caller.May(operation.Name, operation.Sensitive)))
            .ToList();
        return Task.FromResult(new Listing<OperationDescription>(all, null, all.Count));
    }
}
