using System.Globalization;
using Muster.Protocol.Operations;
using Muster.Protocol.Tasks;
using Muster.Server.Operations;
using Arguments = Muster.Protocol.Tasks.LogTask;

namespace Muster.Server.Tasks;

internal sealed class LogTask : ReadOperation<Arguments, Listing<TaskLine>>
{
    public override string Name => "Tasks.Log";

    public override string Summary => "Shows what a task has said, the oldest first.";

    public override async Task<Listing<TaskLine>> ReadAsync(Arguments arguments, ReadContext context, CancellationToken cancellationToken)
    {
        var row = await TaskStore.GetAsync(context.Sql, context.Organisation, arguments.Task, cancellationToken);
        var lines = await TaskStore.ListLinesAsync(context.Sql, context.Organisation, row.Id, arguments.After, arguments.Limit, cancellationToken);
        var next = lines.Count == arguments.Limit ? lines[^1].Number.ToString(CultureInfo.InvariantCulture) : null;
        return new Listing<TaskLine>([.. lines.Select(line => line.Show())], next, row.Logged);
    }
}
