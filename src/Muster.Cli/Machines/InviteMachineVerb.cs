using System.CommandLine;
using System.Text.Json;
using Muster.Cli.Running;
using Muster.Cli.Showing;
using Muster.Protocol;
using Muster.Protocol.Machines;

namespace Muster.Cli.Machines;

internal static class InviteMachineVerb
{
    public static VerbCommand Build(Verbs verbs)
    {
        var uses = new Option<int>("--uses") { Description = "How many machines may join with it", HelpName = "n", DefaultValueFactory = _ => 1 };
        var minutes = new Option<int>("--minutes") { Description = "How long it works", HelpName = "n", DefaultValueFactory = _ => 60 };
        var name = new Option<string?>("--name") { Description = "Name the machine gets [default: its host name]", HelpName = "name" };
        return verbs.Change("Machines.Invite", "Makes a line that joins a machine when it is pasted there as root", [uses, minutes, name], (run, cancellationToken) =>
            run.ChangeAndShowAsync(
                "Machines.Invite",
                new InviteMachine(run.Value(uses), run.Value(minutes), run.Value(name)),
                MusterJson.Default.InviteMachine,
                answer => Show(run.Output, answer.Deserialize(MusterJson.Default.Invitation)!),
                cancellationToken));
    }

    private static void Show(Output output, Invitation invitation)
    {
        output.Notes.Line($"Paste this as root on the machine before {Texts.Time(invitation.ExpiresAt)}; it is shown only now:");
        output.Plain.Line(invitation.Line.Reveal());
    }
}
