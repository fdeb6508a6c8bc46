using System.Text.Json;
using Muster.Protocol.Operations;
using Muster.Protocol.Tasks;
using Muster.Server.Edge;
using Muster.Server.Events;
using Muster.Server.Operations;

namespace Muster.Server.Tasks;

/// <summary>Something waits to be run, or to be stopped.</summary>
internal sealed class TasksSignal
{
    public EventSignal Signal { get; } = new();
}

/// <summary>Begins tasks, in the transaction of the operation that wants it: there is the task, or nothing happened.</summary>
internal sealed class TaskStarter(EventLog events, TasksSignal signal, TimeProvider time)
{
    /// <param name="arguments">Stored and shown; without secrets.</param>
    /// <param name="title">What it does, as a sentence without a full stop.</param>
    public async Task<TaskSummary> StartAsync<TArguments>(
        ApplyContext context, TaskDefinition<TArguments> definition, TArguments arguments, string title, ObjectName? subject, CancellationToken cancellationToken)
        where TArguments : class
    {
        var row = new TaskRow
        {
            Organisation = context.Organisation,
            Id = TaskId.New(time),
            Kind = definition.Kind,
            Title = title,
            SubjectKind = subject?.Kind,
            Subject = subject?.Id,
            SubjectName = subject?.Name,
            Arguments = JsonSerializer.Serialize(arguments, WireJson.Options),
            State = "queued",
            Attempt = 0,
            Due = context.Now,
            Created = context.Now,
            CreatedBy = context.Caller.Name,
            Cancel = 0,
            Done = 0,
            Total = 0,
            Unit = "",
            Claim = 0,
            Logged = 0,
        };
        await TaskStore.AddAsync(context.Sql, row, definition.Steps(arguments), cancellationToken);
        await ChangedAsync(context, row, cancellationToken);
        return row.Show();
    }

    /// <summary>Lets everybody know that a task is other than it was.</summary>
    public async Task ChangedAsync(ApplyContext context, TaskRow row, CancellationToken cancellationToken)
    {
        await events.AddAsync(context.Sql, row.Organisation, "task.changed", row.Id.ToString(), new { row.Title, State = row.StateNow, row.Step, row.Why }, cancellationToken);
        context.Sql.AfterCommit(signal.Signal.Wake);
    }
}
