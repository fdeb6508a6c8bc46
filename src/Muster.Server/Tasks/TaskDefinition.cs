using System.Text.Json;
using Muster.Server.Edge;

namespace Muster.Server.Tasks;

/// <summary>
/// Durable work of one kind: steps that are done one after another, each once, also across crashes of the server between any two of them.
/// A step may be interrupted anywhere and is then begun again, on this server or another; so it either has all its effects in
/// <see cref="TaskContext.CloseWith"/>, which is one transaction with the mark that it is done, or it can be repeated without harm.
/// </summary>
internal abstract class TaskDefinition
{
    /// <summary>The operation that begins such a task.</summary>
    public abstract string Kind { get; }

    /// <summary>How often a step is tried in all, where the reason for its failure may pass.</summary>
    public virtual int Attempts => 8;

    /// <summary>A step that has told nothing for so long is stopped: it hangs.</summary>
    public virtual TimeSpan Silence => TimeSpan.FromMinutes(10);

    /// <summary>A step that was told to stop and has not after this time is left to itself: it cannot write for the task any more.</summary>
    public virtual TimeSpan Grace => TimeSpan.FromSeconds(20);

    /// <summary>The steps, from arguments as they are stored.</summary>
    public abstract IReadOnlyList<TaskStep> StepsOf(string arguments);
}

/// <inheritdoc cref="TaskDefinition"/>
/// <typeparam name="TArguments">Stored with the task as JSON, and shown: without secrets.</typeparam>
internal abstract class TaskDefinition<TArguments> : TaskDefinition
    where TArguments : class
{
    /// <summary>The same steps for the same arguments, in any release: those of a task that has begun are found by their names.</summary>
    public abstract IReadOnlyList<TaskStep> Steps(TArguments arguments);

    public sealed override IReadOnlyList<TaskStep> StepsOf(string arguments) => Steps(JsonSerializer.Deserialize<TArguments>(arguments, WireJson.Options)!);
}

/// <summary>One step.</summary>
/// <param name="Name">Stable, lower case.</param>
/// <param name="Title">For people.</param>
/// <param name="DoAsync">Does it. Throws a <c>ProblemException</c> that is unavailable or throttled if it is worth trying again, of another kind if it is not.</param>
internal sealed record TaskStep(string Name, string Title, Func<TaskContext, CancellationToken, Task> DoAsync)
{
    /// <summary>Takes back what it did, also where it did only half of it or nothing. Null where there is nothing to take back.</summary>
    public Func<TaskContext, CancellationToken, Task>? UndoAsync { get; init; }
}
