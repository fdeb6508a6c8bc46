using System.CommandLine;
using Muster.Cli.Running;
using Muster.Cli.Showing;
using Muster.Protocol;
using Muster.Protocol.Images;

namespace Muster.Cli.Images;

internal static class ShowImageVerb
{
    public static VerbCommand Build(Verbs verbs)
    {
        var image = new Argument<string>("IMAGE") { Description = "Name of the image" };
        return verbs.Read("Images.Show", "Shows an image: its size, digest, filter, metadata and who requires it", [image], (run, cancellationToken) =>
            run.ShowAsync("Images.Show", new ShowImage(run.Value(image)!), MusterJson.Default.ShowImage, MusterJson.Default.ImageDetails, details => Show(run.Output, details), cancellationToken));
    }

    private static void Show(Output output, ImageDetails details)
    {
        var summary = details.Summary;
        var facts = new Facts
        {
            { "name", summary.Name },
            { "id", summary.Id.ToString() },
            { "image", summary.Image.ToString() },
            { "tree", summary.Tree.ToString() },
            { "content", $"{Texts.Count(summary.Entries)} entries, {Texts.Count(summary.Files)} files, {Texts.Bytes(summary.Bytes)}" },
            { "created", $"{Texts.Time(summary.CreatedAt)} by {summary.CreatedBy}" },
            { "manages", details.Filter switch { null => "only the listed paths (sparse)", "" => "everything", _ => "all but what the filter leaves alone" } },
            { "required by", details.RequiredBy.Count == 0 ? "no machine" : string.Join(", ", details.RequiredBy.Select(machine => machine.Name)) },
        };
        if (summary.Damaged > 0)
        {
            facts.Add("damaged", new Cell($"{Texts.Count(summary.Damaged)} of its objects are damaged or lost on the server: add an image of the same tree, which sends them again", Style.Bad));
        }

        foreach (var (name, value) in details.Metadata)
        {
            facts.Add(name, value);
        }

        facts.Write(output.Plain);
        if (details.Filter is { Length: > 0 } filter)
        {
            output.Plain.Line();
            output.Plain.Line("filter", Style.Faint);
            foreach (var line in filter.TrimEnd('\n').Split('\n'))
            {
                output.Plain.Line("  " + line);
            }
        }
    }
}
