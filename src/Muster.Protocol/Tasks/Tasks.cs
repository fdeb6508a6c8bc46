using System.Text.Json.Serialization;
using Muster.Core.Problems;
using Muster.Protocol.Operations;

namespace Muster.Protocol.Tasks;

/// <summary>How far a task is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TaskState>))]
public enum TaskState
{
    /// <summary>Waits for its turn.</summary>
    [JsonStringEnumMemberName("queued")]
    Queued,

    /// <summary>A step is being done.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>A step failed for a reason that may pass, and is tried again at <see cref="TaskSummary.DueAt"/>.</summary>
    [JsonStringEnumMemberName("retrying")]
    Retrying,

    /// <summary>It failed or was cancelled, and what its steps did is taken back.</summary>
    [JsonStringEnumMemberName("undoing")]
    Undoing,

    /// <summary>Every step is done.</summary>
    [JsonStringEnumMemberName("done")]
    Done,

    /// <summary>A step cannot be done; <see cref="TaskSummary.Why"/> says which and why.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>Somebody stopped it.</summary>
    [JsonStringEnumMemberName("cancelled")]
    Cancelled,
}

/// <summary>How far one step is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TaskStepState>))]
public enum TaskStepState
{
    /// <summary>Not begun.</summary>
    [JsonStringEnumMemberName("waiting")]
    Waiting,

    /// <summary>Begun and not ended; after a crash it is begun again.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>Done, once.</summary>
    [JsonStringEnumMemberName("done")]
    Done,

    /// <summary>Could not be done.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>What it did is being taken back.</summary>
    [JsonStringEnumMemberName("undoing")]
    Undoing,

    /// <summary>What it did is taken back.</summary>
    [JsonStringEnumMemberName("undone")]
    Undone,

    /// <summary>What it did could not be taken back.</summary>
    [JsonStringEnumMemberName("stuck")]
    Stuck,
}

/// <summary>How much of a step is done.</summary>
/// <param name="Done">Of <paramref name="Total"/>; 0 of 0 where it cannot be said.</param>
/// <param name="Unit">What is counted: <c>objects</c>, <c>bytes</c>, <c>machines</c>.</param>
/// <param name="Text">What is being done just now.</param>
public sealed record TaskProgress(long Done, long Total, string Unit, string? Text);

/// <summary>A task in a list.</summary>
/// <param name="Kind">The operation that began it.</param>
/// <param name="Title">What it does, as a sentence.</param>
/// <param name="Subject">What it is about.</param>
/// <param name="DueAt">When it goes on, for one that waits.</param>
/// <param name="Why">What went wrong, in plain words.</param>
/// <param name="Cure">What to do about it.</param>
/// <param name="MayUndo">Whether what its steps did would be taken back by cancelling it.</param>
public sealed record TaskSummary(
    TaskId Id, string Kind, string Title, ObjectName? Subject, TaskState State, string? Step, TaskProgress Progress,
    DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, DateTimeOffset? DueAt,
    string? Code, string? Why, string? Cure, string? CancelledBy, bool MayUndo);

/// <summary>One step of a task.</summary>
/// <param name="Attempts">How often it was begun, crashes and retries included.</param>
public sealed record TaskStepDetails(int Number, string Name, string Title, TaskStepState State, int Attempts, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, bool MayUndo, string? Why);

/// <summary>A task with its steps.</summary>
/// <param name="LogLines">How many lines its log has.</param>
public sealed record TaskDetails(TaskSummary Summary, IReadOnlyList<TaskStepDetails> Steps, long LogLines);

/// <summary>A line of a task's log.</summary>
/// <param name="Number">From 1, without gaps.</param>
/// <param name="Step">Number of the step that said it.</param>
/// <param name="Level"><c>info</c>, <c>warning</c> or <c>error</c>.</param>
public sealed record TaskLine(long Number, DateTimeOffset Time, int Step, string Level, string Text);

/// <summary>Tasks.List: the newest first.</summary>
public sealed record ListTasks : CountedListArguments
{
    /// <summary>Only tasks in one of these states (comma-separated).</summary>
    public string? State { get; init; }

    /// <summary>Only tasks begun by one of these operations (comma-separated).</summary>
    public string? Kind { get; init; }

    /// <summary>Only tasks begun by one of these (names, comma-separated).</summary>
    public string? CreatedBy { get; init; }

    /// <summary>Only tasks about the object with this id.</summary>
    public string? Subject { get; init; }

    /// <inheritdoc/>
    public override void Validate(Faults faults)
    {
        base.Validate(faults);
        foreach (var state in (State ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            faults.Require(Enum.TryParse<TaskState>(state, ignoreCase: true, out _) && !char.IsAsciiDigit(state[0]), "state", "some of queued, running, retrying, undoing, done, failed, cancelled");
        }
    }
}

/// <summary>Tasks.Show.</summary>
public sealed record ShowTask(string Task) : IArguments
{
    /// <inheritdoc/>
    public void Validate(Faults faults) => TaskReference.Check(faults, Task);
}

/// <summary>Tasks.Log: lines of a task's log, the oldest first.</summary>
/// <param name="After">Only lines with a higher number; those are the new ones for whoever follows it.</param>
/// <param name="Limit">Most lines in one answer, 1 to 1,000.</param>
public sealed record LogTask(string Task, long After = 0, int Limit = 1000) : IArguments
{
    /// <inheritdoc/>
    public void Validate(Faults faults)
    {
        TaskReference.Check(faults, Task);
        faults.Require(After >= 0, "after", "0 or more");
        faults.Require(Limit is >= 1 and <= 1000, "limit", "a number from 1 to 1000");
    }
}

/// <summary>Tasks.Cancel: stops a task and takes back what it did, as far as it can be.</summary>
public sealed record CancelTask(string Task) : IArguments
{
    /// <inheritdoc/>
    public void Validate(Faults faults) => TaskReference.Check(faults, Task);
}

/// <summary>Tasks.Retry: goes on with a task that failed or was cancelled, from its first step that is not done.</summary>
public sealed record RetryTask(string Task) : IArguments
{
    /// <inheritdoc/>
    public void Validate(Faults faults) => TaskReference.Check(faults, Task);
}

internal static class TaskReference
{
    public static void Check(Faults faults, string task) => faults.Require(TaskId.TryParse(task, out _), "task", "an id that begins with tsk_");
}
