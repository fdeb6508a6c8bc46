using System.Text.Json;
using Muster.Cli.Events;
using Muster.Cli.Running;
using Muster.Cli.Showing;
using Muster.Protocol;
using Muster.Protocol.Machines;

namespace Muster.Cli.Machines;

/// <summary>
/// Shows drifts as they are found, each once. An event only says that there are new ones; what they are is read from the list,
/// so that nothing is missed across a cut connection.
/// </summary>
internal sealed class DriftFollowing(Run run, string? machine)
{
    private const int Page = 200;

    private readonly HashSet<DriftId> shown = [];
    private bool begun;

    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        var stream = new EventStream(run.Client, run.Around.Time)
        {
            Broken = why => run.Output.Notes.Line($"{why}; connecting again", Style.Warning),
            Ready = ReadNewAsync,
        };
        await foreach (var one in stream.FollowAsync(cancellationToken))
        {
            if (one.Kind == "machine.drifted")
            {
                await ReadNewAsync(cancellationToken);
            }
        }
    }

    private async Task ReadNewAsync(CancellationToken cancellationToken)
    {
        var found = new List<DriftDetails>();
        string? cursor = null;
        do
        {
            using var answer = await run.Client.ReadAsync("Machines.Drift", new ListDrift { Machine = machine, Limit = Page, Cursor = cursor }, MusterJson.Default.ListDrift, cancellationToken);
            var listing = answer.Deserialize(MusterJson.Default.ListingDriftDetails)!;
            var fresh = listing.Items.Where(drift => shown.Add(drift.Id)).ToList();
            found.AddRange(fresh);

            // Newest first: a page with something known on it is the last that can have news.
            cursor = fresh.Count == Page && begun ? listing.Next : null;
        }
        while (cursor is not null);
        if (!begun)
        {
            // What lies in the past is for "machines drift" without --follow.
            begun = true;
            run.Output.Notes.Line("Waiting for drift; Ctrl-C ends.", Style.Faint);
            return;
        }

        found.Reverse();
        found.ForEach(Write);
        run.Around.Out.Flush();
    }

    private void Write(DriftDetails drift)
    {
        switch (run.Format)
        {
            case OutputFormat.Json:
                run.Around.Out.WriteLine(JsonSerializer.Serialize(drift, MusterJson.Default.DriftDetails));
                break;
            case OutputFormat.Yaml:
                run.Around.Out.WriteLine("---");
                run.Output.Document(JsonSerializer.SerializeToElement(drift, MusterJson.Default.DriftDetails));
                break;
            case OutputFormat.Name:
                run.Output.Plain.Line(drift.Shown);
                break;
            default:
                var outcome = DriftView.Outcome(drift.Outcome);
                run.Output.Plain.Text(Texts.Time(drift.At), Style.Faint).Text($"  {drift.MachineName}  ").Text(outcome.Text.PadRight(8), outcome.Style).Line($"  {drift.Sentence}");
                break;
        }
    }
}
