using System.CommandLine;
using Muster.Cli.Running;
using Muster.Core.Problems;
using Muster.Protocol;
using Muster.Protocol.Machines;

namespace Muster.Cli.Machines;

internal static class EditMachineVerb
{
    public static VerbCommand Build(Verbs verbs)
    {
        var machine = MachineVerbs.Machine();
        var name = new Option<string?>("--name") { Description = "New name", HelpName = "name" };
        var mode = new Option<string?>("--mode") { Description = "image: keep it like its image; monitor: only report", HelpName = "mode", CompletionSources = { "image", "monitor" } };
        var labels = new Option<string[]>("--labels", "-l") { Description = "All its labels, replacing the present ones; may be repeated", HelpName = "key=value", AllowMultipleArgumentsPerToken = true };
        var noLabels = new Option<bool>("--no-labels") { Description = "Take all labels away" };
        var wait = new WaitOptions();
        return verbs.Change("Machines.Edit", ["Machines.Show"], "Changes name, mode or labels of a machine", [machine, name, mode, labels, noLabels, .. wait.All], async (run, cancellationToken) =>
        {
            var wanted = run.Value(noLabels) ? new Dictionary<string, string>() : Pairs.Read(run.Value(labels), "labels");
            var arguments = new EditMachine(run.Value(machine)!, run.Value(name), Mode(run.Value(mode)), wanted);
            var giveUp = wait.Timeout(run);
            using var answer = await run.ChangeAsync("Machines.Edit", arguments, MusterJson.Default.EditMachine, cancellationToken);
            if (answer is null)
            {
                return ExitCode.Done;
            }

            if (wait.IsWanted(run))
            {
                return await MachineWait.UntilSettledAsync(run, MachineWait.IdIn(answer), giveUp, cancellationToken);
            }

            run.Output.Write(answer.RootElement, () => run.Output.Plain.Line($"Machine {run.Value(name) ?? run.Value(machine)} is changed."));
            return ExitCode.Done;
        });
    }

    private static MachineMode? Mode(string? typed) => typed switch
    {
        null => null,
        "image" => MachineMode.Image,
        "monitor" => MachineMode.Monitor,
        _ => throw new ProblemException([new Fault("mode", $"image or monitor, not '{typed}'")]),
    };
}
