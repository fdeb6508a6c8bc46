using System.Text.Json;
using Muster.Cli.Connection;
using Muster.Cli.Running;
using Muster.Cli.Showing;
using Muster.Core.Problems;
using Muster.Protocol;
using Muster.Protocol.Machines;

namespace Muster.Cli.Machines;

/// <summary>Waits until a machine has done what is wanted of it now, or cannot.</summary>
internal static class MachineWait
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(1);

    /// <summary>The machine that a change was about, by what stays when it is renamed.</summary>
    public static string IdIn(JsonDocument answer) => answer.Deserialize(MusterJson.Default.MachineSummary)!.Id.ToString();

    /// <param name="timeout">When to give up; null for never.</param>
    public static async Task<int> UntilSettledAsync(Run run, string machine, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        using var progress = new ProgressLine(run.Around, run.UsesColor);
        var end = timeout is { } given ? run.Around.Time.GetUtcNow() + given : DateTimeOffset.MaxValue;
        while (true)
        {
            var (pause, text) = (AskEvery, "");
            try
            {
                using var answer = await AskAsync(run.Client, machine, cancellationToken);
                var details = answer.Deserialize(MusterJson.Default.MachineDetails)!;
                if (IsSettled(details))
                {
                    progress.Clear();
                    run.Output.Write(answer.RootElement, () => Tell(run.Output, details));
                    return details.Summary.State == MachineState.InSync || details.Wanted.Image is null ? ExitCode.Done : ExitCode.NotSo;
                }

                text = Describe(details);
            }
            catch (ProblemException e) when (e.Kind is ProblemKind.Unavailable or ProblemKind.Throttled)
            {
                // A server that restarts is no reason to stop waiting for a machine.
                (pause, text) = (e.RetryAfter ?? AskAgain, $"{e.Message}; asking again");
            }

            if (run.Around.Time.GetUtcNow() >= end)
            {
                progress.Clear();
                run.Output.Notes.Text("muster: ", Style.Bad).Line($"gave up after {Texts.Span(timeout!.Value)}: {text}");
                return ExitCode.NotSo;
            }

            progress.Show(text);
            await Task.Delay(pause, run.Around.Time, cancellationToken);
        }
    }

    // A machine that is in sync with an older order has not yet heard of the new one. One of which nothing is wanted has nothing to do.
    private static bool IsSettled(MachineDetails details) => details.Wanted.Image is null
        || (details.Seen?.Order >= details.Wanted.Order
            && (details.Summary.State is MachineState.InSync or MachineState.Failed or MachineState.Refused
                || details.Summary is { State: MachineState.Drifted, Mode: MachineMode.Monitor }));

    private static Task<JsonDocument> AskAsync(MusterClient client, string machine, CancellationToken cancellationToken) =>
        client.ReadAsync("Machines.Show", new ShowMachine(machine), MusterJson.Default.ShowMachine, cancellationToken);

    private static string Describe(MachineDetails details)
    {
        var summary = details.Summary;
        if (summary.Link != MachineLink.Connected)
        {
            return $"{summary.Name} is {MachineTexts.Link(summary.Link).Text}; waiting for it";
        }

        return details.Seen?.Progress is { } progress
            ? $"{summary.Name} {progress.Phase} {Amount(progress)} {progress.Text}"
            : $"{summary.Name} is {MachineTexts.State(summary.State).Text}";
    }

    private static string Amount(AgentProgress progress)
    {
        var bytes = progress.Unit == "bytes";
        var (done, total) = bytes ? (Texts.Bytes(progress.Done), Texts.Bytes(progress.Total)) : (Texts.Count(progress.Done), $"{Texts.Count(progress.Total)} {progress.Unit}");
        return progress.Total > 0 ? $"{done} of {total}" : done;
    }

    private static void Tell(Output output, MachineDetails details)
    {
        var summary = details.Summary;
        var state = MachineTexts.State(summary.State);
        output.Plain.Text($"{summary.Name} is ").Text(state.Text, state.Style);
        if (details.Wanted.Image is null)
        {
            output.Plain.Line("; nothing is wanted of it.");
            return;
        }

        if (summary.State != MachineState.InSync)
        {
            output.Plain.Line($": {summary.Why}");
            foreach (var condition in details.Conditions)
            {
                output.Plain.Text($"  {condition.Title}: ", MachineTexts.Severity(condition.Severity)).Line($"{condition.Text} {condition.Cure}");
            }

            return;
        }

        output.Plain.Text($" with {summary.RequiredImage?.Name}");
        if (details.Seen?.LastUpdate is { } update && update.Order == details.Wanted.Order)
        {
            output.Plain.Text($": {Texts.Count(update.Files)} files ({Texts.Bytes(update.Bytes)}) applied after {Texts.Microseconds(update.AppliedMicroseconds)}, "
                + $"verified after {Texts.Microseconds(update.VerifiedMicroseconds)}, {Texts.Microseconds(update.WindowMicroseconds)} between old and new");
        }

        output.Plain.Line();
    }
}
