using Muster.Protocol.Operations;
using Muster.Protocol.Tasks;

namespace Muster.Server.Tasks;

internal sealed record TaskRow
{
    public required OrganisationId Organisation { get; init; }

    public required TaskId Id { get; init; }

    public required string Kind { get; init; }

    public required string Title { get; init; }

    public string? SubjectKind { get; init; }

    public string? Subject { get; init; }

    public string? SubjectName { get; init; }

    /// <summary>JSON.</summary>
    public required string Arguments { get; init; }

    public required string State { get; init; }

    /// <summary>Where it is turning back: how it will have ended.</summary>
    public string? Ending { get; init; }

    /// <summary>Failures of the present step in a row.</summary>
    public required long Attempt { get; init; }

    public required DateTimeOffset Due { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required string CreatedBy { get; init; }

    public DateTimeOffset? Started { get; init; }

    public DateTimeOffset? Ended { get; init; }

    /// <summary>1 for asked to stop, 2 for asked again while it was being taken back.</summary>
    public required long Cancel { get; init; }

    public string? CancelledBy { get; init; }

    public required long Done { get; init; }

    public required long Total { get; init; }

    public required string Unit { get; init; }

    public string? Doing { get; init; }

    public string? Code { get; init; }

    public string? Why { get; init; }

    public string? Cure { get; init; }

    /// <summary>Counts who has run it: whoever has an older number runs it no more.</summary>
    public required long Claim { get; init; }

    public required long Logged { get; init; }

    /// <summary>Title of the step that is done now, or of the next.</summary>
    public string? Step { get; init; }

    /// <summary>Whether a step that is done, or half done, can be taken back.</summary>
    public long MayUndo { get; init; }

    public object? SortKey { get; init; }

    public ObjectName ObjectName => new("task", Id.ToString(), Title);

    public TaskState StateNow => Enum.Parse<TaskState>(State, ignoreCase: true);

    public TaskSummary Show() => new(
        Id,
        Kind,
        Title,
        Subject is null ? null : new ObjectName(SubjectKind!, Subject, SubjectName!),
        StateNow,
        Ended is null ? Step : null,
        new TaskProgress(Done, Total, Unit, Doing),
        Created,
        CreatedBy,
        Started,
        Ended,
        Ended is null && StateNow is TaskState.Queued or TaskState.Retrying ? Due : null,
        Code,
        Why,
        Cure,
        CancelledBy,
        MayUndo != 0);
}

internal sealed record StepRow
{
    public required long Number { get; init; }

    public required string Name { get; init; }

    public required string Title { get; init; }

    public required long Undoable { get; init; }

    public required string State { get; init; }

    public required long Attempts { get; init; }

    public DateTimeOffset? Started { get; init; }

    public DateTimeOffset? Ended { get; init; }

    /// <summary>JSON that the step left for itself and for those after it.</summary>
    public string? Note { get; init; }

    public string? Why { get; init; }

    public TaskStepState StateNow => Enum.Parse<TaskStepState>(State, ignoreCase: true);

    public TaskStepDetails Show() => new((int)Number, Name, Title, StateNow, (int)Attempts, Started, Ended, Undoable != 0, Why);
}
