using Muster.Testing;

namespace Muster.Dev;

/// <summary>Times by which a build decides whether what it made is still what the sources say.</summary>
internal static class Newest
{
    /// <summary>When one of these files and folders (paths in the repository) was last changed; a file taken away changes its folder.</summary>
    public static DateTime In(IEnumerable<string> parts) => parts.Select(part => Repository.Under(part.Split('/'))).Max(Below);

    /// <summary>When it was written; long ago if it was not.</summary>
    public static DateTime Of(string file) => File.Exists(file) ? File.GetLastWriteTimeUtc(file) : DateTime.MinValue;

    private static DateTime Below(string path) => Directory.Exists(path)
        ? Directory.EnumerateFileSystemEntries(path, "*", SearchOption.AllDirectories).Append(path).Max(File.GetLastWriteTimeUtc)
        : File.GetLastWriteTimeUtc(path);
}
