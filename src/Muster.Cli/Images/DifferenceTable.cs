using Muster.Cli.Showing;
using Muster.Protocol.Images;

namespace Muster.Cli.Images;

/// <summary>Differences between two trees, for images and for machines alike.</summary>
internal static class DifferenceTable
{
    public static Table Make(IReadOnlyList<ImageDifference> items)
    {
        var table = new Table("", "PATH", "WHAT", "BEFORE -> AFTER") { Nothing = "No differences." };
        foreach (var difference in items)
        {
            var sign = difference.Kind switch
            {
                "added" => new Cell("+", Style.Good),
                "removed" => new Cell("-", Style.Bad),
                _ => new Cell("~", Style.Busy),
            };
            var what = difference.Kind == "changed" ? string.Join(", ", difference.Facets.Select(Texts.Words)) : difference.Kind;
            table.Add(sign, difference.Shown, what, Values(difference));
        }

        return table;
    }

    private static string Values(ImageDifference difference) => (difference.From, difference.To) switch
    {
        (null, null) => "",
        ({ } only, null) => Describe(only),
        (null, { } only) => Describe(only),
        ({ } from, { } to) => string.Join(", ", difference.Facets.Select(facet => Value(facet, from, to)).OfType<string>()),
    };

    private static string? Value(string facet, ImageEntry from, ImageEntry to) => facet switch
    {
        "mode" => $"{from.Mode} -> {to.Mode}",
        "owner" => $"{from.Uid}:{from.Gid} -> {to.Uid}:{to.Gid}",
        "content" when from.Size != to.Size => $"{Texts.Bytes(from.Size ?? 0)} -> {Texts.Bytes(to.Size ?? 0)}",
        "target" => $"{from.Target} -> {to.Target}",
        "kind" => $"{from.Kind} -> {to.Kind}",
        "device" => $"{from.Device} -> {to.Device}",
        _ => null,
    };

    private static string Describe(ImageEntry entry) =>
        entry.Size is { } size ? $"{entry.Kind}, {Texts.Bytes(size)}" : entry.Target is { } target ? $"{entry.Kind} to {target}" : entry.Kind;
}
