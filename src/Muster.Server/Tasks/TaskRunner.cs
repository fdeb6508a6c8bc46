using Muster.Core.Problems;
using Muster.Protocol.Tasks;
using Muster.Server.Database;

namespace Muster.Server.Tasks;

/// <summary>Runs one task as far as it goes: step by step forward, or, once it failed or was cancelled, step by step back.</summary>
internal sealed partial class TaskRunner(SqlDatabase database, TaskWriter writer, IEnumerable<TaskDefinition> definitions, TasksMetrics metrics, TimeProvider time, ILogger<TaskRunner> log)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1), LongestPause = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, TaskDefinition> known = definitions.ToDictionary(one => one.Kind);

    /// <summary>Returns when it has ended, waits, or is another server's.</summary>
    public async Task RunAsync(TaskRun run)
    {
        try
        {
            while (await StepAsync(run))
            {
            }
        }
        catch (TaskLostException)
        {
            Lost(run.Row.Id, run.Row.Title);
        }
    }

    // One step, forward or back; false when there is nothing more to do here and now.
    private async Task<bool> StepAsync(TaskRun run)
    {
        var (row, steps) = await database.ReadAsync(
            async sql => ((await TaskStore.FindAsync(sql, run.Row.Organisation, run.Row.Id, CancellationToken.None))!, await TaskStore.ListStepsAsync(sql, run.Row.Organisation, run.Row.Id, CancellationToken.None)),
            CancellationToken.None);
        if (row.Ended is not null || row.Claim != run.Row.Claim)
        {
            throw new TaskLostException();
        }

        var back = row.Ending is not null;
        if (row.Cancel > 0 && !back)
        {
            await CancelAsync(run, row, steps);
            return true;
        }

        var next = back ? steps.LastOrDefault(NeedsUndo) : steps.FirstOrDefault(step => step.StateNow != TaskStepState.Done);
        if (next is null || (back && row.Cancel > 1))
        {
            await EndAsync(run, row, steps);
            return false;
        }

        if (run.Stopped.IsCancellationRequested)
        {
            // What stopped one step shall not stop those that come: they begin afresh, here or elsewhere.
            await writer.ReleaseAsync(run, CancellationToken.None);
            return false;
        }

        if (FindStep(row, next, out var step) is { } unknown)
        {
            return await FailAsync(run, next, back, unknown);
        }

        run.Begin((int)next.Number);
        await writer.BeginAsync(run, next, back, CancellationToken.None);
        var context = new TaskContext(run, [.. steps.Select(one => one == next ? next with { Attempts = next.Attempts + 1 } : one)], writer);
        var problem = await DoAsync(run, context, back ? step!.UndoAsync! : step!.DoAsync);
        if (run.Reason is StopReason.Lost)
        {
            throw new TaskLostException();
        }

        problem ??= await EndAsync(run, next, back, context.Closing);
        return problem is null || run.Reason is StopReason.Shutdown or StopReason.Cancel || await FailAsync(run, next, back, problem);
    }

    // Null if the step's end, with its own effect in it, is written.
    private async Task<ProblemException?> EndAsync(TaskRun run, StepRow step, bool back, Func<WriteSql, CancellationToken, Task>? closing)
    {
        try
        {
            await writer.EndStepAsync(run, step, back, closing, CancellationToken.None);
            return null;
        }
        catch (ProblemException e) when (closing is not null)
        {
            return e;
        }
    }

    private static bool NeedsUndo(StepRow step) => step.Undoable != 0 && step.StateNow is TaskStepState.Running or TaskStepState.Done or TaskStepState.Failed or TaskStepState.Undoing;

    private ProblemException? FindStep(TaskRow row, StepRow next, out TaskStep? found)
    {
        found = known.TryGetValue(row.Kind, out var definition) ? definition.StepsOf(row.Arguments).FirstOrDefault(step => step.Name == next.Name) : null;
        return found is not null ? null
            : new ProblemException(ProblemKind.Conflict, "task.step-unknown", $"this release does not know the step '{next.Name}' of {row.Kind}; run it by the release that began it, or begin it anew");
    }

    // Null if it was done; else why not. A step that does not end when it has to is not waited for.
    private async Task<ProblemException?> DoAsync(TaskRun run, TaskContext context, Func<TaskContext, CancellationToken, Task> body)
    {
        try
        {
            var work = Task.Run(() => body(context, run.Stopped));
            await Task.WhenAny(work, StoppedAsync(run.Stopped));
            if (!work.IsCompleted)
            {
                using var waited = new CancellationTokenSource();
                if (await Task.WhenAny(work, Task.Delay(known[run.Row.Kind].Grace, time, waited.Token)) != work)
                {
                    Deaf(run.Row.Id, run.Row.Title);
                    return Hung(run);
                }

                await waited.CancelAsync();
            }

            await work;
            return null;
        }
        catch (OperationCanceledException) when (run.Stopped.IsCancellationRequested)
        {
            return Hung(run);
        }
        catch (ProblemException e)
        {
            return e;
        }
        catch (TaskLostException)
        {
            run.Stop(StopReason.Lost);
            return Hung(run);
        }
        catch (Exception e)
        {
            Broken(e, run.Row.Id, run.Row.Title);
            return new ProblemException(ProblemKind.Bug, "task.bug", $"the step ended by a bug ({e.GetType().Name}); the server's log says where", e);
        }
    }

    private static ProblemException Hung(TaskRun run) =>
        new(ProblemKind.Unavailable, "task.stalled", $"the step told nothing for {run.Silent.TotalMinutes:0} minutes and was stopped");

    private static async Task StoppedAsync(CancellationToken stopped)
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = stopped.Register(end.SetResult);
        await end.Task;
    }

    private async Task<bool> FailAsync(TaskRun run, StepRow step, bool back, ProblemException problem)
    {
        var row = (await database.ReadAsync(sql => TaskStore.FindAsync(sql, run.Row.Organisation, run.Row.Id, CancellationToken.None), CancellationToken.None))!;
        if (problem.Kind is ProblemKind.Unavailable or ProblemKind.Throttled && row.Attempt + 1 < (known.GetValueOrDefault(row.Kind)?.Attempts ?? 1))
        {
            run.Say("warning", $"{step.Title}: {problem.Message}; trying again");
            await writer.WaitAsync(run, step, problem, time.GetUtcNow() + Pause(row.Attempt, problem), CancellationToken.None);
            metrics.Retried(row.Kind);
            return false;
        }

        run.Say("error", $"{step.Title}: {problem.Message}");
        if (back)
        {
            await writer.StuckAsync(run, step, problem.Message, CancellationToken.None);
            return true;
        }

        await writer.TurnBackAsync(run, step, new TaskEnding(TaskState.Failed, problem.Code, $"{step.Title}: {problem.Message}", CureOf(problem)), CancellationToken.None);
        return true;
    }

    private async Task CancelAsync(TaskRun run, TaskRow row, IReadOnlyList<StepRow> steps)
    {
        var by = row.CancelledBy;
        run.Say("warning", $"stopped by {by}");
        await writer.TurnBackAsync(run, steps.FirstOrDefault(step => step.StateNow == TaskStepState.Running), new TaskEnding(TaskState.Cancelled, "task.cancelled", $"stopped by {by}", null), CancellationToken.None);
    }

    private async Task EndAsync(TaskRun run, TaskRow row, IReadOnlyList<StepRow> steps)
    {
        var left = steps.Where(step => step.StateNow == TaskStepState.Stuck || (row.Ending is not null && NeedsUndo(step))).Select(step => step.Title).ToList();
        var ending = row.Ending is null
            ? new TaskEnding(TaskState.Done, null, null, null)
            : new TaskEnding(
                Enum.Parse<TaskState>(row.Ending, ignoreCase: true), row.Code,
                left.Count == 0 ? row.Why : $"{row.Why}; what these steps did was not taken back: {string.Join(", ", left)}",
                left.Count == 0 ? row.Cure : "See the steps; what they left has to be put right by hand.");
        await writer.EndAsync(run, ending, CancellationToken.None);
        metrics.Ended(row.Kind, ending.State);
    }

    private static TimeSpan Pause(long attempt, ProblemException problem) =>
        problem.RetryAfter ?? TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << (int)Math.Min(attempt, 20)));

    private static string CureOf(ProblemException problem) => problem.Kind switch
    {
        ProblemKind.Bug => "This is a bug: tell those who look after Muster, with the task's id and the server's log.",
        ProblemKind.Full => "Make room where the message says, then retry the task.",
        ProblemKind.Unavailable or ProblemKind.Throttled => "It was tried several times; when the cause is gone, retry the task.",
        _ => "See what the message names, then retry the task or begin another.",
    };

    [LoggerMessage(LogLevel.Warning, "Task {Task} ({Title}) is run by another server now")]
    private partial void Lost(TaskId task, string title);

    [LoggerMessage(LogLevel.Error, "Task {Task} ({Title}): its step was told to stop and does not; it is left to itself")]
    private partial void Deaf(TaskId task, string title);

    [LoggerMessage(LogLevel.Error, "Task {Task} ({Title}) failed because of a bug")]
    private partial void Broken(Exception failure, TaskId task, string title);
}
