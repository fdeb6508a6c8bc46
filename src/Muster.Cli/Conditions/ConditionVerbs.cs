using System.CommandLine;
using Muster.Cli.Machines;
using Muster.Cli.Running;
using Muster.Cli.Showing;
using Muster.Protocol;
using Muster.Protocol.Machines;

namespace Muster.Cli.Conditions;

internal static class ConditionVerbs
{
    public static IEnumerable<Command> All(Verbs verbs) => [List(verbs)];

    private static VerbCommand List(Verbs verbs)
    {
        var machine = new Option<string?>("--machine") { Description = "Only of this machine", HelpName = "machine" };
        var options = new ListOptions();
        return verbs.Read("Conditions.List", "Lists lasting troubles and what cures them, the worst first", [machine, .. options.All], (run, cancellationToken) =>
            run.ListAsync(
                "Conditions.List",
                new ListConditions { Machine = run.Value(machine) },
                options,
                MusterJson.Default.ListConditions,
                MusterJson.Default.ListingObjectCondition,
                items => Show(items, run.Output.Now),
                cancellationToken));
    }

    private static Table Show(IReadOnlyList<ObjectCondition> items, DateTimeOffset now)
    {
        var table = new Table("SEVERITY", "OBJECT", "CONDITION", "SINCE", "WHAT", "CURE") { Nothing = "No conditions." };
        foreach (var one in items)
        {
            table.Add(
                new Cell(one.Severity, MachineTexts.Severity(one.Severity)),
                $"{one.Object.Kind} {one.Object.Name}",
                one.Code,
                Texts.Ago(one.Since, now),
                $"{one.Title}: {one.Text}",
                one.Cure);
        }

        return table;
    }
}
