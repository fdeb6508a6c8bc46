using Microsoft.Extensions.Options;
using Muster.Core.Problems;
using Muster.Server.Database;
using Muster.Server.Events;

namespace Muster.Server.Tasks;

/// <summary>
/// Takes tasks that wait, as many at once as are allowed and of no organisation more than its share, and keeps those that it runs: writes
/// what they tell, renews the hold on them, stops those that somebody wants stopped or that hang.
/// </summary>
internal sealed partial class TasksLoop(
    SqlDatabase database, TaskClaims claims, TaskWriter writer, TaskRunner runner, IEnumerable<TaskDefinition> definitions, TasksSignal signal, IOptions<TasksOptions> options, TimeProvider time, ILogger<TasksLoop> log)
    : Loop(time, log)
{
    private const int ForgottenTogether = 100;

    // Within what a server has to end in.
    private static readonly TimeSpan ToEnd = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ForgetEvery = TimeSpan.FromHours(1);

    private readonly Dictionary<string, TaskDefinition> known = definitions.ToDictionary(one => one.Kind);
    private readonly Dictionary<TaskId, (TaskRun Run, Task Work)> running = [];
    private DateTimeOffset forgotten;

    protected override Task Wake => signal.Signal.Next;

    // One may take what is left by the others, but never the last places: who comes next is served at once.
    private int Share => Math.Max(1, options.Value.AtOnce * 3 / 4);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        foreach (var (run, _) in running.Values)
        {
            run.Stop(StopReason.Shutdown);
        }

        // What does not end in time is left as a crash would leave it.
        await Task.WhenAny(Task.WhenAll(running.Values.Select(one => one.Work)), Task.Delay(ToEnd, TimeProvider.System, cancellationToken));
    }

    protected override async Task<bool> RoundAsync(CancellationToken cancellationToken)
    {
        foreach (var (id, (run, work)) in running.ToList())
        {
            if (work.IsCompleted)
            {
                running.Remove(id);
                run.Dispose();
            }
            else if (Time.GetElapsedTime(run.RenewedAt) > TaskClaims.Held)
            {
                run.Stop(StopReason.Lost);
            }
            else if (known.TryGetValue(run.Row.Kind, out var definition) && run.Silent > definition.Silence)
            {
                run.Stop(StopReason.Silence);
            }
        }

        if (running.Count > 0)
        {
            await KeepAsync(cancellationToken);
        }

        await ForgetAsync(cancellationToken);
        while (running.Count < options.Value.AtOnce && await claims.IsAnyWaitingAsync(Time.GetUtcNow(), cancellationToken))
        {
            var full = running.Values.CountBy(one => one.Run.Row.Organisation).Where(pair => pair.Value >= Share).Select(pair => pair.Key).ToHashSet();
            if (await database.WriteAsync(sql => claims.TakeAsync(sql, full, Time.GetUtcNow(), cancellationToken), cancellationToken) is not { } row)
            {
                break;
            }

            // Nothing that happens to this round keeps what was taken from being run.
            var run = new TaskRun(row, Time);
            running[row.Id] = (run, RunAsync(run));
        }

        return false;
    }

    private async Task RunAsync(TaskRun run)
    {
        try
        {
            await Task.Run(() => runner.RunAsync(run));
        }
        catch (ProblemException e)
        {
            Interrupted(run.Row.Id, run.Row.Title, e.Message);
        }
        catch (Exception e)
        {
            Broken(e, run.Row.Id, run.Row.Title);
        }

        signal.Signal.Wake();
    }

    private async Task KeepAsync(CancellationToken cancellationToken)
    {
        var at = Time.GetTimestamp();
        var writing = running.Values.Select(one => one.Run).Where(run => run.Writing.Wait(0, CancellationToken.None)).ToList();
        try
        {
            var (held, told) = await database.WriteAsync(
                async sql =>
                {
                    var mine = await claims.RenewAsync(sql, cancellationToken);
                    foreach (var left in mine.Where(one => !IsRun(one)))
                    {
                        await claims.ReleaseAsync(sql, left, cancellationToken);
                    }

                    var words = new List<(TaskRun, PendingWords)>();
                    foreach (var run in writing.Where(run => mine.Any(one => one.Id == run.Row.Id && one.Claim == run.Row.Claim)))
                    {
                        if (await writer.TellAsync(sql, run, cancellationToken) is { } told)
                        {
                            words.Add((run, told));
                        }
                    }

                    return (mine, words);
                },
                cancellationToken);
            told.ForEach(one => one.Item1.Written(one.Item2));
            Judge(held, at);
        }
        finally
        {
            writing.ForEach(run => run.Writing.Release());
        }
    }

    private bool IsRun(HeldTask task) => running.TryGetValue(task.Id, out var one) && one.Run.Row.Claim == task.Claim;

    private void Judge(IReadOnlyList<HeldTask> held, long at)
    {
        foreach (var (id, (run, work)) in running)
        {
            if (held.FirstOrDefault(one => one.Id == id && one.Claim == run.Row.Claim) is { } mine)
            {
                run.RenewedAt = at;
                if (mine.IsToStop)
                {
                    run.Stop(StopReason.Cancel);
                }
            }
            else if (!work.IsCompleted)
            {
                // Or it has written its end a moment ago, and then stops nothing any more.
                run.Stop(StopReason.Lost);
            }
        }
    }

    private async Task ForgetAsync(CancellationToken cancellationToken)
    {
        var now = Time.GetUtcNow();
        if (now - forgotten < ForgetEvery)
        {
            return;
        }

        while (await database.WriteAsync(sql => TaskStore.ForgetAsync(sql, now - options.Value.Retention, ForgottenTogether, cancellationToken), cancellationToken) == ForgottenTogether)
        {
        }

        forgotten = now;
    }

    [LoggerMessage(LogLevel.Warning, "Task {Task} ({Title}) is interrupted and goes on later: {Why}")]
    private partial void Interrupted(TaskId task, string title, string why);

    [LoggerMessage(LogLevel.Error, "Task {Task} ({Title}) is interrupted by a bug and goes on later")]
    private partial void Broken(Exception failure, TaskId task, string title);
}
