using Muster.Protocol.Tasks;
using Muster.Server.Operations;
using Arguments = Muster.Protocol.Tasks.ShowTask;

namespace Muster.Server.Tasks;

internal sealed class ShowTask : ReadOperation<Arguments, TaskDetails>
{
    public override string Name => "Tasks.Show";

    public override string Summary => "Shows a task with its steps.";

    public override async Task<TaskDetails> ReadAsync(Arguments arguments, ReadContext context, CancellationToken cancellationToken)
    {
        var row = await TaskStore.GetAsync(context.Sql, context.Organisation, arguments.Task, cancellationToken);
        var steps = await TaskStore.ListStepsAsync(context.Sql, context.Organisation, row.Id, cancellationToken);
        return new TaskDetails(row.Show(), [.. steps.Select(step => step.Show())], row.Logged);
    }
}
