using Muster.Cli.Images;
using Muster.Cli.Running;
using Muster.Protocol;
using Muster.Protocol.Machines;

namespace Muster.Cli.Machines;

internal static class ListDifferencesVerb
{
    public static VerbCommand Build(Verbs verbs)
    {
        var machine = MachineVerbs.Machine();
        var options = new ListOptions();
        return verbs.Read("Machines.Differences", "Shows how a machine differs from its image now", [machine, .. options.All], (run, cancellationToken) =>
            run.ListAsync(
                "Machines.Differences",
                new ListDifferences(run.Value(machine)!),
                options,
                MusterJson.Default.ListDifferences,
                MusterJson.Default.ListingImageDifference,
                DifferenceTable.Make,
                cancellationToken));
    }
}
