using System.CommandLine;
using Muster.Cli.Running;

namespace Muster.Cli.Machines;

internal static class MachineVerbs
{
    public static IEnumerable<Command> All(Verbs verbs) =>
    [
        ListMachinesVerb.Build(verbs),
        ShowMachineVerb.Build(verbs),
        InviteMachineVerb.Build(verbs),
        RequireImageVerb.Build(verbs),
        EditMachineVerb.Build(verbs),
        DeleteMachineVerb.Build(verbs),
        ListDifferencesVerb.Build(verbs),
        ListDriftVerb.Build(verbs),
        ConditionsVerb.Build(verbs),
    ];

    public static Argument<string> Machine() => new("MACHINE") { Description = "Name or id of the machine" };
}
