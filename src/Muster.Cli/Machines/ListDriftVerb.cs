using System.CommandLine;
using Muster.Cli.Running;
using Muster.Protocol;
using Muster.Protocol.Machines;

namespace Muster.Cli.Machines;

internal static class ListDriftVerb
{
    public static VerbCommand Build(Verbs verbs)
    {
        var machine = new Argument<string?>("MACHINE") { Description = "Name or id of the machine [default: all machines]", Arity = ArgumentArity.ZeroOrOne };
        var options = new ListOptions();
        var follow = new Option<bool>("--follow", "-f") { Description = "Show new drift as it is found, until it is interrupted; with -o json one line for each" };
        return verbs.Read("Machines.Drift", ["Events.Stream"], "Shows what was found different on machines, who did it and what came of it, newest first", [machine, follow, .. options.All], async (run, cancellationToken) =>
        {
            if (run.Value(follow))
            {
                await new DriftFollowing(run, run.Value(machine)).FollowAsync(cancellationToken);
                return ExitCode.Done;
            }

            return await run.ListAsync(
                "Machines.Drift",
                new ListDrift { Machine = run.Value(machine) },
                options,
                MusterJson.Default.ListDrift,
                MusterJson.Default.ListingDriftDetails,
                items => DriftView.Make(items, run.Output.Now),
                cancellationToken);
        });
    }
}
