using System.CommandLine;
using Muster.Cli.Running;
using Muster.Protocol;
using Muster.Protocol.Images;

namespace Muster.Cli.Images;

internal static class DiffImagesVerb
{
    public static VerbCommand Build(Verbs verbs)
    {
        var from = new Argument<string>("FROM") { Description = "The image to start from" };
        var to = new Argument<string>("TO") { Description = "The image to compare with it" };
        var kind = new Option<string?>("--kind") { Description = "Only these: added, removed, changed (comma-separated)", HelpName = "kinds" };
        var options = new ListOptions();
        return verbs.Read("Images.Diff", "Shows what is different between two images", [from, to, kind, .. options.All], (run, cancellationToken) =>
            run.ListAsync(
                "Images.Diff",
                new DiffImages(run.Value(from)!, run.Value(to)!) { Kind = run.Value(kind) },
                options,
                MusterJson.Default.DiffImages,
                MusterJson.Default.ListingImageDifference,
                DifferenceTable.Make,
                cancellationToken));
    }
}
