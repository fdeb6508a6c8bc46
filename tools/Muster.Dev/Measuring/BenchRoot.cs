using Muster.Testing;

namespace Muster.Dev;

/// <summary>The benchmark root (decision 29): made of a committed list of packages, the same for whoever measures.</summary>
internal sealed record BenchRoot(string Path, int Files, int Entries, long Bytes)
{
    public static async Task<BenchRoot> EnsureAsync(CancellationToken cancellationToken)
    {
        var packages = File.ReadLines(Repository.Under("tests", "Muster.Benchmarks", "benchmark-root.packages"))
            .Where(line => line.Length > 0 && line[0] != '#').ToList();
        var path = await DebianRoot.EnsureAsync(packages, cancellationToken, documents: true);
        var list = await Command.RunAsync("find", [path, "-xdev", "-printf", "%y %s\n"], cancellationToken);
        var entries = list.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var files = entries.Where(entry => entry[0] == 'f').ToList();
        return new(path, files.Count, entries.Length, files.Sum(file => long.Parse(file[2..], System.Globalization.CultureInfo.InvariantCulture)));
    }
}
