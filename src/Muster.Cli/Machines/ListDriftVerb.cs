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
        return verbs.Read("Machines.Drift", "Shows what was found different on machines, who did it and what came of it, newest first", [machine, .. options.All], (run, cancellationToken) =>
            run.ListAsync(
                "Machines.Drift",
                new ListDrift { Machine = run.Value(machine) },
                options,
                MusterJson.Default.ListDrift,
                MusterJson.Default.ListingDriftDetails,
                items => DriftView.Make(items, run.Output.Now),
                cancellationToken));
    }
}
