using System.Text.Json;
using Muster.Cli.Images;
using Muster.Cli.Running;
using Muster.Cli.Showing;
using Muster.Protocol;
using Muster.Protocol.Machines;

namespace Muster.Cli.Machines;

internal static class ShowMachineVerb
{
    private const int LastDrifts = 5, FirstDifferences = 10;

    public static VerbCommand Build(Verbs verbs)
    {
        var machine = MachineVerbs.Machine();
        return verbs.Read("Machines.Show", "Shows a machine: what is wanted beside what is seen, differences, conditions, last drifts", [machine], async (run, cancellationToken) =>
        {
            MachineDetails? shown = null;
            var code = await run.ShowAsync(
                "Machines.Show",
                new ShowMachine(run.Value(machine)!),
                MusterJson.Default.ShowMachine,
                MusterJson.Default.MachineDetails,
                details =>
                {
                    shown = details;
                    MachineView.Write(run.Output, details);
                },
                cancellationToken);
            if (shown is not null)
            {
                await AddListsAsync(run, shown, cancellationToken);
            }

            return code;
        });
    }

    private static async Task AddListsAsync(Run run, MachineDetails shown, CancellationToken cancellationToken)
    {
        var (output, name) = (run.Output, shown.Summary.Name);
        if (shown.Summary.Differences > 0)
        {
            using var differences = await run.Client.ReadAsync("Machines.Differences", new ListDifferences(name) { Limit = FirstDifferences }, MusterJson.Default.ListDifferences, cancellationToken);
            Head(output, $"differences ({Texts.Count(shown.Summary.Differences)})");
            DifferenceTable.Make(differences.Deserialize(MusterJson.Default.ListingImageDifference)!.Items).Write(output);
        }

        if (shown.Conditions.Count > 0)
        {
            Head(output, "conditions");
            ConditionsVerb.Write(output, shown.Conditions);
        }

        using var drifts = await run.Client.ReadAsync("Machines.Drift", new ListDrift { Machine = name, Limit = LastDrifts }, MusterJson.Default.ListDrift, cancellationToken);
        var last = drifts.Deserialize(MusterJson.Default.ListingDriftDetails)!;
        if (last.Items.Count > 0)
        {
            Head(output, "last drifts");
            DriftView.Make(last.Items, output.Now).Write(output);
        }
    }

    private static void Head(Output output, string text)
    {
        output.Plain.Line();
        output.Plain.Line(text, Style.Strong);
    }
}
