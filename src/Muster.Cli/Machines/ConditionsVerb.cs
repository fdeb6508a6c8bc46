using Muster.Cli.Running;
using Muster.Cli.Showing;
using Muster.Protocol;
using Muster.Protocol.Machines;

namespace Muster.Cli.Machines;

internal static class ConditionsVerb
{
    public static VerbCommand Build(Verbs verbs)
    {
        var machine = MachineVerbs.Machine();
        return verbs.Named("conditions", ["Machines.Show"], "Shows the lasting troubles of a machine and what cures them", [machine], (run, cancellationToken) =>
            run.ShowAsync("Machines.Show", new ShowMachine(run.Value(machine)!), MusterJson.Default.ShowMachine, MusterJson.Default.MachineDetails, details => Write(run.Output, details.Conditions), cancellationToken));
    }

    public static void Write(Output output, IReadOnlyList<ConditionDetails> conditions)
    {
        var table = new Table("SEVERITY", "CONDITION", "SINCE", "WHAT", "CURE") { Nothing = "No conditions." };
        foreach (var condition in conditions)
        {
            table.Add(new Cell(condition.Severity, MachineTexts.Severity(condition.Severity)), condition.Code, Texts.Ago(condition.Since, output.Now), $"{condition.Title}: {condition.Text}", condition.Cure);
        }

        table.Write(output);
    }
}
