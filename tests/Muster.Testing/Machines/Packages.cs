namespace Muster.Testing;

/// <summary>What <c>./dev package</c> made; <c>./dev test</c> makes it before the tests of this ring.</summary>
public static class Packages
{
    /// <summary>The newest package of that name.</summary>
    public static string Require(string name) => Newest(name, $"{name}_*_amd64.deb");

    /// <summary>The newest archive of that name.</summary>
    public static string RequireArchive(string name) => Newest(name, $"{name}_*_linux-x64.tar.gz");

    private static string Newest(string name, string files)
    {
        var folder = Repository.Under("artifacts", "packages");
        var found = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, files).MaxBy(File.GetLastWriteTimeUtc) : null;
        return found ?? throw Peer.Missing($"the package {name} (./dev package)");
    }
}
