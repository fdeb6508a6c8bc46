namespace Muster.Testing;

/// <summary>What <c>./dev package</c> made; <c>./dev test</c> makes it before the tests of this ring.</summary>
public static class Packages
{
    /// <summary>The newest package of that name.</summary>
    public static string Require(string name)
    {
        var folder = Repository.Under("artifacts", "packages");
        var found = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, $"{name}_*.deb").OrderByDescending(File.GetLastWriteTimeUtc).FirstOrDefault() : null;
        return found ?? throw Peer.Missing($"the package {name} (./dev package)");
    }
}
