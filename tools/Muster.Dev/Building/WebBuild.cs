using Muster.Testing;

namespace Muster.Dev;

/// <summary>The pages: fetched once per lock file, built when a source is newer than the last build.</summary>
internal static class WebBuild
{
    private static string Folder => Repository.Under("web");

    // npm writes it at the end of an install, so it is as old as what is installed.
    private static string Installed => Path.Combine(Folder, "node_modules", ".package-lock.json");

    /// <summary>What the pages are made of, in the repository; they are typed from the OpenAPI document.</summary>
    public static IEnumerable<string> Parts =>
        Directory.EnumerateFiles(Folder).Select(file => "web/" + Path.GetFileName(file))
            .Concat(["web/src", "web/public", "tests/Muster.Tests/Edge/openapi.golden.json"]);

    public static string Output => Path.Combine(Folder, "dist");

    private static string Built => Path.Combine(Output, "index.html");

    public static bool Exists => File.Exists(Path.Combine(Folder, "package.json"));

    public static async Task BuildAsync(CancellationToken cancellationToken)
    {
        if (Newest.In(["web/package-lock.json"]) > Newest.Of(Installed))
        {
            await Tool.RunAsync(Folder, ["npm", "ci", "--no-audit", "--no-fund"], cancellationToken);
        }

        if (Newest.In(Parts) > Newest.Of(Built))
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
}
