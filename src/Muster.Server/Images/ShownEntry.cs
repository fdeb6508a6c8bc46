using System.Globalization;
using Muster.Core.Objects;
using Muster.Core.Trees;
using Muster.Protocol.Images;

namespace Muster.Server.Images;

/// <summary>Entries of a tree as people see them.</summary>
internal static class ShownEntry
{
    // Outside what DateTimeOffset can say, the nearest that it can.
    private static readonly long Earliest = DateTimeOffset.MinValue.ToUnixTimeSeconds();
    private static readonly long Latest = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    public static ImageEntry Show(TreePath path, TreeEntry entry, int hardLinks) => new(
        path,
        path.IsRoot ? "/" : TreeText.Show(path.Name),
        KindName(entry.Kind),
        entry.Kind == EntryKind.Symlink ? "0777" : "0" + Convert.ToString(entry.Mode, 8).PadLeft(3, '0'),
        entry.Uid,
        entry.Gid,
        HasTime(entry.Kind) ? Time(entry.Modified) : null,
        entry.Kind == EntryKind.File ? entry.Size : null,
        entry.Kind is EntryKind.File or EntryKind.Directory ? entry.Content : (Digest?)null,
        entry.Kind is EntryKind.Symlink or EntryKind.ComputedFile ? TreeText.Show(entry.Target) : null,
        entry.Kind is EntryKind.CharacterDevice or EntryKind.BlockDevice ? string.Create(CultureInfo.InvariantCulture, $"{entry.Major}:{entry.Minor}") : null,
        [.. entry.Xattrs.Select(ShownXattr.Show)],
        hardLinks,
        HasTime(entry.Kind) ? (int)entry.Modified.Nanoseconds : null);

    public static IReadOnlyList<string> FacetNames(Facets facets) =>
        [.. Enum.GetValues<Facets>().Where(facet => facet != Facets.None && facets.HasFlag(facet)).Select(facet => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(facet.ToString()))];

    public static string KindName(EntryKind kind) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(kind.ToString());

    private static bool HasTime(EntryKind kind) => kind is EntryKind.File or EntryKind.CharacterDevice or EntryKind.BlockDevice or EntryKind.Fifo;

    private static DateTimeOffset Time(FileTime time) =>
        DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(time.Seconds, Earliest, Latest)).AddTicks(time.Seconds < Latest ? time.Nanoseconds / 100 : 0);
}
