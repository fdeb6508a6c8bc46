using System.CommandLine;
using Muster.Cli.Running;
using Muster.Core.Problems;
using Muster.Protocol;
using Muster.Protocol.Machines;

namespace Muster.Cli.Machines;

internal static class RequireImageVerb
{
    public static VerbCommand Build(Verbs verbs)
    {
        var machine = MachineVerbs.Machine();
        var image = new Argument<string?>("IMAGE") { Description = "Name of the image", Arity = ArgumentArity.ZeroOrOne };
        var none = new Option<bool>("--none") { Description = "Want nothing of the machine any more; nothing on it changes" };
        var wait = new WaitOptions();
        return verbs.Change("Machines.RequireImage", ["Machines.Show"], "Makes a machine exactly like an image and keeps it so", [machine, image, none, .. wait.All], async (run, cancellationToken) =>
        {
            var (name, wanted) = (run.Value(machine)!, run.Value(image));
            if (run.Value(none) == wanted is not null)
            {
                throw new ProblemException([new Fault("image", "name the image that the machine must be like, or say --none")]);
            }

            var giveUp = wait.Timeout(run);
            using var answer = await run.ChangeAsync("Machines.RequireImage", new RequireImage(name, wanted), MusterJson.Default.RequireImage, cancellationToken);
            if (answer is null)
            {
                return ExitCode.Done;
            }

            if (wait.IsWanted(run))
            {
                return await MachineWait.UntilSettledAsync(run, MachineWait.IdIn(answer), giveUp, cancellationToken);
            }

            run.Output.Write(answer.RootElement, () => run.Output.Plain.Line(
                wanted is null ? $"Nothing is wanted of {name} any more." : $"{name} must now be like {wanted}; muster machines show {name} follows it."));
            return ExitCode.Done;
        });
    }
}
