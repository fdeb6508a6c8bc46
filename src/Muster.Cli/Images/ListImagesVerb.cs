using Muster.Cli.Running;
using Muster.Cli.Showing;
using Muster.Protocol;
using Muster.Protocol.Images;

namespace Muster.Cli.Images;

internal static class ListImagesVerb
{
    public static VerbCommand Build(Verbs verbs)
    {
        var options = new ListOptions();
        return verbs.Read("Images.List", "Lists the images of your organisation", options.All, (run, cancellationToken) =>
            run.ListAsync("Images.List", new ListImages(), options, MusterJson.Default.ListImages, MusterJson.Default.ListingImageSummary, items => Show(items, run.Output.Now), cancellationToken));
    }

    private static Table Show(IReadOnlyList<ImageSummary> items, DateTimeOffset now)
    {
        var table = new Table("NAME", "ENTRIES", "SIZE", "MACHINES", "CREATED", "BY") { Nothing = "No images; muster images add NAME --from DIR makes one." };
        foreach (var image in items)
        {
            table.Add(Name(image), image.Entries, Texts.Bytes(image.Bytes), image.Machines, Texts.Ago(image.CreatedAt, now), image.CreatedBy);
        }

        return table;
    }

    private static Cell Name(ImageSummary image) => image.Damaged == 0 ? image.Name : new Cell($"{image.Name} ({Texts.Count(image.Damaged)} objects damaged)", Style.Bad);
}
