using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Muster.Cli.Running;
using Muster.Cli.Showing;
using Muster.Core.Problems;
using Muster.Protocol;
using Muster.Protocol.Operations;
using Muster.Protocol.Tasks;

namespace Muster.Cli.Tasks;

/// <summary>Changes whose work is a task.</summary>
internal static class TaskWait
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(1);

    /// <summary>Asks for a change that is answered with a task, and waits for its end where that is wanted.</summary>
    public static async Task<int> BeginTaskAsync<T>(this Run run, string operation, T arguments, JsonTypeInfo<T> type, WaitOptions wait, CancellationToken cancellationToken)
        where T : IArguments
    {
        var giveUp = wait.Timeout(run);
        using var answer = await run.ChangeAsync(operation, arguments, type, cancellationToken);
        if (answer is null)
        {
            return ExitCode.Done;
        }

        var task = answer.Deserialize(MusterJson.Default.TaskSummary)!;
        if (wait.IsWanted(run))
        {
            return await UntilEndedAsync(run, task.Id, giveUp, cancellationToken);
        }

        run.Output.Write(answer.RootElement, () => run.Output.Plain.Line($"{task.Title}: muster tasks show {task.Id} follows it."));
        return ExitCode.Done;
    }

    private static async Task<int> UntilEndedAsync(Run run, TaskId id, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        using var progress = new ProgressLine(run.Around, run.UsesColor);
        var end = timeout is { } given ? run.Around.Time.GetUtcNow() + given : DateTimeOffset.MaxValue;
        while (true)
        {
            var (pause, text) = (AskEvery, "");
            try
            {
                using var answer = await run.Client.ReadAsync("Tasks.Show", new ShowTask(id.ToString()), MusterJson.Default.ShowTask, cancellationToken);
                var task = answer.Deserialize(MusterJson.Default.TaskDetails)!.Summary;
                if (task.EndedAt is not null)
                {
                    progress.Clear();
                    run.Output.Write(answer.RootElement, () => Tell(run.Output, task));
                    return task.State == TaskState.Done ? ExitCode.Done : ExitCode.NotSo;
                }

                text = $"{task.Title}: {task.Step} {TaskTexts.Amount(task.Progress)} {(task.State == TaskState.Retrying ? task.Why : task.Progress.Text)}".TrimEnd();
            }
            catch (ProblemException e) when (e.Kind is ProblemKind.Unavailable or ProblemKind.Throttled)
            {
                // A server that restarts does not end a task.
                (pause, text) = (e.RetryAfter ?? AskAgain, $"{e.Message}; asking again");
            }

            if (run.Around.Time.GetUtcNow() >= end)
            {
                progress.Clear();
                run.Output.Notes.Text("muster: ", Style.Bad).Line($"gave up after {Texts.Span(timeout!.Value)}: {text}; the task goes on");
                return ExitCode.NotSo;
            }

            progress.Show(text);
            await Task.Delay(pause, run.Around.Time, cancellationToken);
        }
    }

    private static void Tell(Output output, TaskSummary task)
    {
        var state = TaskTexts.State(task.State);
        output.Plain.Text($"{task.Title}: ").Text(state.Text, state.Style);
        output.Plain.Line(task.State == TaskState.Done ? $" after {Texts.Span(task.EndedAt!.Value - task.CreatedAt)}." : $", {task.Why}.{(task.Cure is null ? "" : " " + task.Cure)}");
    }
}
