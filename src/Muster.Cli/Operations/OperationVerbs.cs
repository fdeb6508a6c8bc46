using System.CommandLine;
using Muster.Cli.Running;
using Muster.Cli.Showing;
using Muster.Protocol;
using Muster.Protocol.Operations;

namespace Muster.Cli.Operations;

internal static class OperationVerbs
{
    public static IEnumerable<Command> All(Verbs verbs) => [List(verbs)];

    private static VerbCommand List(Verbs verbs) => verbs.Read(
        "Operations.List",
        "Lists everything this server can be asked for, and whether you may",
        [],
        (run, cancellationToken) => run.ShowAsync(
            "Operations.List",
            new NoArguments(),
            MusterJson.Default.NoArguments,
            MusterJson.Default.ListingOperationDescription,
            listing =>
            {
                var table = new Table("OPERATION", "KIND", "ALLOWED", "SUMMARY");
                foreach (var operation in listing.Items)
                {
                    table.Add(operation.Name, operation.Kind, operation.Allowed ? new Cell("yes", Style.Good) : new Cell("no", Style.Faint), operation.Summary);
                }

                table.Write(run.Output);
            },
            cancellationToken));
}
