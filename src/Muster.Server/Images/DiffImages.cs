using Muster.Core.Trees;
using Muster.Protocol.Images;
using Muster.Protocol.Operations;
using Muster.Server.Objects;
using Muster.Server.Operations;
using Arguments = Muster.Protocol.Images.DiffImages;

namespace Muster.Server.Images;

internal sealed class DiffImages(ImageReader reader) : ReadOperation<Arguments, Listing<ImageDifference>>
{
    public override string Name => "Images.Diff";

    public override string Summary => "Says what is different between two images.";

    public override async Task<Listing<ImageDifference>> ReadAsync(Arguments arguments, ReadContext context, CancellationToken cancellationToken)
    {
        var from = await ImageStore.GetAsync(context.Sql, context.Organisation, arguments.From, cancellationToken);
        var to = await ImageStore.GetAsync(context.Sql, context.Organisation, arguments.To, cancellationToken);
        var before = await reader.LoadTreeAsync(from.TreeDigest, cancellationToken);
        var after = await reader.LoadTreeAsync(to.TreeDigest, cancellationToken);
        return Page(before, after, TreeDiff.Between(before.Tree, after.Tree, before.LoadOr(after)), arguments, arguments.Kind);
    }

    /// <summary>What became of <paramref name="before"/> in <paramref name="after"/>, one page of it.</summary>
    public static Listing<ImageDifference> Page(LoadedTree before, LoadedTree after, IReadOnlyList<Difference> differences, CountedListArguments arguments, string? kind)
    {
        var found = arguments.Search is { Length: > 0 } search
            ? [.. differences.Where(one => one.Path.ToString().Contains(search, StringComparison.OrdinalIgnoreCase))]
            : differences;
        var counts = ListFacets.Count(arguments.Counts, "kind", found.Select(KindOf));
        if (ListFacets.Split(kind) is { Length: > 0 } kinds)
        {
            found = [.. found.Where(one => kinds.Contains(KindOf(one)))];
        }

        var offset = Offset.Parse(arguments.Cursor);
        var page = found.Skip(offset).Take(arguments.Limit).Select(one => new ImageDifference(
            one.Path,
            one.Path.ToString(),
            KindOf(one),
            ShownEntry.FacetNames(one.Facets),
            one.Wanted is null ? null : ShownEntry.Show(one.Path, one.Wanted, before.Tree.LinksOf(one.Path)?.Paths.Count ?? 1),
            one.Seen is null ? null : ShownEntry.Show(one.Path, one.Seen, after.Tree.LinksOf(one.Path)?.Paths.Count ?? 1)));
        return new Listing<ImageDifference>([.. page], Offset.Next(offset, arguments.Limit, found.Count), found.Count, counts);
    }

    private static string KindOf(Difference one) => one.Kind switch { DifferenceKind.Missing => "removed", DifferenceKind.Extra => "added", _ => "changed" };
}
