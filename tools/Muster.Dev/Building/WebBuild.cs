using Muster.Testing;

namespace Muster.Dev;

/// <summary>The pages: fetched once per lock file, built when a source is newer than the last build.</summary>
internal static class WebBuild
{
    private static readonly string[] SourceFolders = ["src", "public"];

    private static string Folder => Repository.Under("web");

    // npm writes it at the end of an install, so it is as old as what is installed.
    private static string Installed => Path.Combine(Folder, "node_modules", ".package-lock.json");

    // The pages are typed from it.
    private static string Described => Repository.Under("tests", "Muster.Tests", "Edge", "openapi.golden.json");

    public static string Output => Path.Combine(Folder, "dist");

    private static string Built => Path.Combine(Output, "index.html");

    public static bool Exists => File.Exists(Path.Combine(Folder, "package.json"));

    public static async Task BuildAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(Installed) || IsNewer(Path.Combine(Folder, "package-lock.json"), Installed))
        {
            await Tool.RunAsync(Folder, ["npm", "ci", "--no-audit", "--no-fund"], cancellationToken);
        }

        if (!File.Exists(Built) || Sources().Any(source => IsNewer(source, Built)))
        {
            await Tool.RunAsync(Folder, ["npm", "run", "--silent", "build"], cancellationToken);
        }
    }

    public static async Task<int> TestAsync(string report, string? filter, CancellationToken cancellationToken)
    {
        List<string> command = ["npm", "test", "--silent", "--", "--reporter=default", "--reporter=json", $"--outputFile={report}"];
        if (filter is not null)
        {
            command.AddRange(["-t", filter]);
        }

        return await Tool.TryAsync(Folder, command, cancellationToken);
    }

    private static IEnumerable<string> Sources() =>
        Directory.EnumerateFiles(Folder).Append(Described).Concat(
            SourceFolders.Select(part => Path.Combine(Folder, part)).Where(Directory.Exists)
                .SelectMany(part => Directory.EnumerateFiles(part, "*", SearchOption.AllDirectories)));

    private static bool IsNewer(string file, string than) => File.GetLastWriteTimeUtc(file) > File.GetLastWriteTimeUtc(than);
}
