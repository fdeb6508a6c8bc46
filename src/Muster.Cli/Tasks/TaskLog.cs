using System.Text.Json;
using Muster.Cli.Running;
using Muster.Cli.Showing;
using Muster.Core.Problems;
using Muster.Protocol;
using Muster.Protocol.Tasks;

namespace Muster.Cli.Tasks;

/// <summary>Writes a task's log, line by line as it grows.</summary>
internal sealed class TaskLog(Run run, string task)
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(1);

    private long after;

    /// <param name="follow">Until it has ended; else what there is now.</param>
    public async Task<int> WriteAsync(bool follow, CancellationToken cancellationToken)
    {
        Changes.Check(new LogTask(task));
        while (true)
        {
            var pause = AskEvery;
            try
            {
                // Asked before the lines, so that its last ones are not missed.
                var hasEnded = !follow || await HasEndedAsync(cancellationToken);
                while (await WriteMoreAsync(cancellationToken))
                {
                }

                if (hasEnded)
                {
                    return ExitCode.Done;
                }
            }
            catch (ProblemException e) when (follow && after > 0 && e.Kind is ProblemKind.Unavailable or ProblemKind.Throttled)
            {
                pause = e.RetryAfter ?? AskAgain;
            }

            await Task.Delay(pause, run.Around.Time, cancellationToken);
        }
    }

    private async Task<bool> HasEndedAsync(CancellationToken cancellationToken)
    {
        using var answer = await run.Client.ReadAsync("Tasks.Show", new ShowTask(task), MusterJson.Default.ShowTask, cancellationToken);
        return answer.Deserialize(MusterJson.Default.TaskDetails)!.Summary.EndedAt is not null;
    }

    private async Task<bool> WriteMoreAsync(CancellationToken cancellationToken)
    {
        using var answer = await run.Client.ReadAsync("Tasks.Log", new LogTask(task, after), MusterJson.Default.LogTask, cancellationToken);
        foreach (var (line, raw) in answer.Deserialize(MusterJson.Default.ListingTaskLine)!.Items.Zip(answer.RootElement.GetProperty("items").EnumerateArray()))
        {
            after = line.Number;
            run.Output.Write(raw, () => run.Output.Plain.Text(Texts.Time(line.Time) + "  ", Style.Faint).Line(line.Text, Of(line.Level)));
        }

        return answer.RootElement.TryGetProperty("next", out _);
    }

    private static Style Of(string level) => level switch { "error" => Style.Bad, "warning" => Style.Warning, _ => Style.None };
}
