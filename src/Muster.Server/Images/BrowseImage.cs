using System.Text;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Protocol.Images;
using Muster.Protocol.Operations;
using Muster.Server.Operations;
using Arguments = Muster.Protocol.Images.BrowseImage;

namespace Muster.Server.Images;

internal sealed class BrowseImage(ImageReader reader) : ReadOperation<Arguments, Listing<ImageEntry>>
{
    public override string Name => "Images.Browse";

    public override string Summary => "Lists one directory of an image.";

    public override async Task<Listing<ImageEntry>> ReadAsync(Arguments arguments, ReadContext context, CancellationToken cancellationToken)
    {
        var image = await ImageStore.GetAsync(context.Sql, context.Organisation, arguments.Image, cancellationToken);
        var path = TypedPath.Parse(arguments.Path, "path");
        var (tree, entry) = await reader.FindAsync(image.TreeDigest, path, cancellationToken);
        if (entry is not { Kind: EntryKind.Directory })
        {
            throw new ProblemException(ProblemKind.NotFound, "image.path", $"{image.Name} has no directory {path}");
        }

        var directory = await reader.ReadDirectoryAsync(entry.Content, cancellationToken);
        var from = Offset.Parse(arguments.Cursor);
        var found = new List<TreeEntry>();
        foreach (var child in directory.Entries)
        {
            if (arguments.Search is not { Length: > 0 } search || TreeText.Show(child.Name).Contains(search, StringComparison.OrdinalIgnoreCase))
            {
                found.Add(child);
            }
        }

        var kinds = ListFacets.Split(arguments.Kind);
        var counts = ListFacets.Count(arguments.Counts, "kind", found.Select(child => ShownEntry.KindName(child.Kind)));
        if (kinds.Length > 0)
        {
            found.RemoveAll(child => !kinds.Contains(ShownEntry.KindName(child.Kind)));
        }

        var page = found.Skip(from).Take(arguments.Limit).Select(child => ShownEntry.Show(path.Join(child.Name), child, tree.LinksOf(path.Join(child.Name))?.Paths.Count ?? 1));
        return new Listing<ImageEntry>([.. page], Offset.Next(from, arguments.Limit, found.Count), found.Count, counts);
    }
}
