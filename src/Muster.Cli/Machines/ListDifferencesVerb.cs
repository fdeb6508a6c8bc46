using System.CommandLine;
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
        var image = new Option<string?>("--image") { Description = "Compare with this image instead of the required one", HelpName = "image" };
        var kind = new Option<string?>("--kind") { Description = "Only these: added, removed, changed (comma-separated)", HelpName = "kinds" };
        var options = new ListOptions();
        return verbs.Read("Machines.Differences", "Shows how a machine differs from its image now", [machine, image, kind, .. options.All], (run, cancellationToken) =>
            run.ListAsync(
                "Machines.Differences",
                new ListDifferences(run.Value(machine)!) { Image = run.Value(image), Kind = run.Value(kind) },
                options,
                MusterJson.Default.ListDifferences,
                MusterJson.Default.ListingImageDifference,
                DifferenceTable.Make,
                cancellationToken));
    }
}
