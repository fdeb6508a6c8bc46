using System.Diagnostics;
using System.Globalization;
using Muster.Testing;

namespace Muster.Dev;

/// <summary>
/// <c>./dev up</c>: a real server, a real machine and the main job, shown to somebody who sees Muster for the first time.
/// It is built from the test fixtures; everything it starts ends with it.
/// </summary>
internal static class UpCommand
{
    public static async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var options = new Options(arguments, ["--once"], ["--port", "--data", "--simulate"]);
        var data = Directory.CreateDirectory(Path.GetFullPath(options.Find("--data") ?? Repository.Under(".muster"))).FullName;
        var began = Stopwatch.StartNew();

        Say("pages and agent");
        if (WebBuild.Exists)
        {
            await WebBuild.BuildAsync(cancellationToken);
        }

        var release = await Release.OfThisCommitAsync(cancellationToken);
        var agentArchive = await AgentFolder.EnsureArchiveAsync(release, cancellationToken);

        Say("server");
        await using var installation = await LocalInstallation.StartAsync(data, options.FindNumber("--port") ?? 8443, agentArchive, cancellationToken);
        Console.WriteLine($"""

            {installation.Server.Address}
              sign in as admin, {installation.Login}
              (your browser does not know this server's own authority; the warning is expected)
              usable after {began.Elapsed.TotalSeconds.ToString("F0", CultureInfo.InvariantCulture)} s

            """);

        Say("first machine: a Debian root with a file system of its own");
        await using var machine = await FirstMachine.StartAsync(installation, agentArchive, cancellationToken);        await using var simulated = options.FindNumber("--simulate") is { } count
            ? await SimulatedMachines.StartAsync(installation, count, cancellationToken)
            : null;

        var walk = new Walk(installation, machine);
        await walk.ThroughTheMainJobAsync(cancellationToken);
        if (options.Has("--once"))
        {
            await walk.BreakAFileAsync(cancellationToken);
            return 0;
        }

        walk.InviteToBreakAFile();
        await walk.WatchAsync(cancellationToken);
        return 0;
    }

    internal static void Say(string what) => Console.WriteLine($"== {what}");
}
