using System.Text.Json;
using Muster.Protocol.Tasks;
using Muster.Server.Database;
using Muster.Server.Edge;

namespace Muster.Server.Tasks;

/// <summary>What a step may use.</summary>
internal sealed class TaskContext(TaskRun run, IReadOnlyList<StepRow> steps, TaskWriter writer)
{
    private readonly StepRow step = steps.First(one => one.Number == run.Step);

    /// <summary>Whose task it is.</summary>
    public OrganisationId Organisation => run.Row.Organisation;

    /// <summary>How often this step was begun, this time included: over 1 for one that may have been done in part.</summary>
    public long Attempts => step.Attempts;

    /// <summary>What is done in one transaction with the mark that the step is done. Null for nothing more.</summary>
    internal Func<WriteSql, CancellationToken, Task>? Closing { get; private set; }

    /// <summary>Has an effect happen together with the step's end: both, or neither, once.</summary>
    public void CloseWith(Func<WriteSql, CancellationToken, Task> effect) => Closing = effect;

    /// <summary>What an earlier attempt of this step left by <see cref="Report"/>; null for nothing.</summary>
    public T? Recall<T>()
        where T : class => Read<T>(step);

    /// <summary>What a step before this left.</summary>
    public T? RecallOf<T>(string name)
        where T : class => Read<T>(steps.First(one => one.Name == name));

    /// <summary>Says how far the step is, and what another attempt may go on from. Written once a second: call it as often as you like, and at least every few minutes.</summary>
    public void Report(TaskProgress progress, object? note = null) => run.Report(progress, note);

    /// <summary>Adds a line to the task's log.</summary>
    public void Say(string text, string level = "info") => run.Say(level, text);

    /// <summary>An effect of its own in the middle of a step. Fails if another server has the task by now.</summary>
    public Task CommitAsync(Func<WriteSql, Task> effect, CancellationToken cancellationToken) => writer.CommitAsync(run, effect, cancellationToken);

    private static T? Read<T>(StepRow row)
        where T : class => row.Note is null ? null : JsonSerializer.Deserialize<T>(row.Note, WireJson.Options);
}
