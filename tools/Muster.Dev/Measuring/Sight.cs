using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Muster.Files;

namespace Muster.Dev;

/// <summary>Everything of a path that an agent keeps right, as a text; equal texts are equal files, links or directories.</summary>
internal static class Sight
{
    private const string Nothing = "nothing";

    /// <summary>It may be taken away or replaced at any moment; then it is looked at as something else than it was.</summary>
    public static string Of(string path)
    {
        try
        {
            using var directory = Linux.OpenRoot(Path.GetDirectoryName(path)!);
            return Linux.FindStat(directory, Encoding.UTF8.GetBytes(Path.GetFileName(path))) is { } stat ? Of(path, stat) : Nothing;
        }
        catch (Exception e) when (e is IOException or Core.Problems.ProblemException or UnauthorizedAccessException)
        {
            return Nothing;
        }
    }

    private static string Of(string path, FileStat stat)
    {
        var about = string.Create(CultureInfo.InvariantCulture, $"{stat.Kind} {stat.Mode} {stat.Uid} {stat.Gid}");
        return stat.Kind switch
        {
            Core.Trees.EntryKind.File => string.Create(CultureInfo.InvariantCulture, $"{about} {stat.Modified} {stat.Links} {Content(path)} {Xattrs(path)}"),
            Core.Trees.EntryKind.Symlink => $"{about} {new FileInfo(path).LinkTarget}",
            Core.Trees.EntryKind.Directory => $"{about} ({string.Join(", ", Directory.EnumerateFileSystemEntries(path).Order(StringComparer.Ordinal).Select(below => $"{Path.GetFileName(below)}: {Of(below)}"))})",
            _ => about,
        };
    }

    private static string Content(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));

    private static string Xattrs(string path)
    {
        using var directory = Linux.OpenRoot(Path.GetDirectoryName(path)!);
        return string.Join(' ', Linux.ReadXattrs(directory, Encoding.UTF8.GetBytes(Path.GetFileName(path)))
            .Select(xattr => $"{Convert.ToHexStringLower(xattr.Name.AsSpan())}={Convert.ToHexStringLower(xattr.Value.AsSpan())}"));
    }
}
