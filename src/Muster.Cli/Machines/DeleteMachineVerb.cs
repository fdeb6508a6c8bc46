using Muster.Cli.Running;
using Muster.Protocol;
using Muster.Protocol.Machines;

namespace Muster.Cli.Machines;

internal static class DeleteMachineVerb
{
    public static VerbCommand Build(Verbs verbs)
    {
        var machine = MachineVerbs.Machine();
        return verbs.Change("Machines.Delete", "Forgets a machine and revokes its certificate; nothing on it changes", [machine], (run, cancellationToken) =>
            run.ChangeAndShowAsync(
                "Machines.Delete",
                new DeleteMachine(run.Value(machine)!),
                MusterJson.Default.DeleteMachine,
                _ => run.Output.Plain.Line($"Machine {run.Value(machine)} is forgotten."),
                cancellationToken));
    }
}
