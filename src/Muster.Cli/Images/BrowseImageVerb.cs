using System.CommandLine;
using Muster.Cli.Running;
using Muster.Cli.Showing;
using Muster.Protocol;
using Muster.Protocol.Images;

namespace Muster.Cli.Images;

internal static class BrowseImageVerb
{
    public static VerbCommand Build(Verbs verbs)
    {
        var image = new Argument<string>("IMAGE") { Description = "Name of the image" };
        var path = new Argument<string>("PATH") { Description = "Directory in the image", DefaultValueFactory = _ => "/" };
        var options = new ListOptions();
        return verbs.Read("Images.Browse", "Lists a directory of an image, as ls -l does", [image, path, .. options.All], (run, cancellationToken) =>
            run.ListAsync(
                "Images.Browse",
                new BrowseImage(run.Value(image)!) { Path = run.Value(path)! },
                options,
                MusterJson.Default.BrowseImage,
                MusterJson.Default.ListingImageEntry,
                Show,
                cancellationToken));
    }

    private static Table Show(IReadOnlyList<ImageEntry> items)
    {
        var table = new Table("MODE", "OWNER", "SIZE", "MODIFIED", "NAME") { Nothing = "Nothing in this directory." };
        foreach (var entry in items)
        {
            var more = string.Concat(
                entry.Target is { } target ? $" -> {target}" : "",
                entry.Device is { } device ? $" ({device})" : "",
                entry.HardLinks > 1 ? $" ({entry.HardLinks} names)" : "",
                entry.Xattrs.Count > 0 ? $" [{string.Join(", ", entry.Xattrs.Select(xattr => $"{xattr.Name}={xattr.Value}"))}]" : "");
            table.Add(
                entry.Mode,
                $"{entry.Uid}:{entry.Gid}",
                entry.Size is { } size ? Texts.Bytes(size) : "-",
                entry.Modified is { } modified ? Texts.Time(modified) : "-",
                new Cell(entry.Name + more, entry.Kind == "directory" ? Style.Strong : Style.None));
        }

        return table;
    }
}
