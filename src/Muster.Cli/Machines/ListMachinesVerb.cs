using System.CommandLine;
using Muster.Cli.Running;
using Muster.Cli.Showing;
using Muster.Protocol;
using Muster.Protocol.Machines;

namespace Muster.Cli.Machines;

internal static class ListMachinesVerb
{
    public static VerbCommand Build(Verbs verbs)
    {
        var state = new Option<string?>("--state") { Description = "Only in these states: inSync, drifted, planned, fetching, updating, failed, refused, unknown, unreachable (comma-separated)", HelpName = "states" };
        var link = new Option<string?>("--link") { Description = "Only with this link: connected, reconnecting, unreachable", HelpName = "link" };
        var labels = new Option<string?>("--labels", "-l") { Description = "Only with these labels: role=web,env=prod", HelpName = "key=value" };
        var image = new Option<string?>("--image") { Description = "Only those that require one of these images (comma-separated)", HelpName = "images" };
        var options = new ListOptions();
        return verbs.Read("Machines.List", "Lists machines with their state", [state, link, labels, image, .. options.All], (run, cancellationToken) =>
            run.ListAsync(
                "Machines.List",
                new ListMachines { State = run.Value(state), Link = run.Value(link), Labels = run.Value(labels), Image = run.Value(image) },
                options,
                MusterJson.Default.ListMachines,
                MusterJson.Default.ListingMachineSummary,
                items => Show(items, run.Output.Now),
                cancellationToken));
    }

    private static Table Show(IReadOnlyList<MachineSummary> items, DateTimeOffset now)
    {
        var table = new Table("NAME", "STATE", "LINK", "MODE", "IMAGE", "DIFFERENCES", "CONDITIONS", "SEEN", "WHY") { Nothing = "No machines; muster machines invite makes a line that joins one." };
        foreach (var machine in items)
        {
            table.Add(
                machine.Name,
                MachineTexts.State(machine.State),
                MachineTexts.Link(machine.Link),
                MachineTexts.Mode(machine.Mode),
                machine.RequiredImage?.Name,
                machine.Differences,
                new Cell(Texts.Count(machine.Conditions), MachineTexts.Severity(machine.WorstSeverity)),
                Texts.Ago(machine.SeenAt, now),
                machine.Why);
        }

        return table;
    }
}
