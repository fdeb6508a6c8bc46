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
        var options = new Options(arguments, ["--once", "--prepared"], ["--port", "--data", "--simulate", "--database"]);
        var agentArchive = options.Has("--prepared") ? Packages.RequireArchive("muster-agent") : await BuildAsync(cancellationToken);
        if (!AsRoot.IsHere)
        {
            return await AsRoot.AgainAsync(["up", .. arguments], cancellationToken);
        }

        var data = Directory.CreateDirectory(Path.GetFullPath(options.Find("--data") ?? Repository.Under(".muster"))).FullName;
        Say("server");
        await using var database = await LocalDatabase.StartAsync(data, options.Find("--database"), cancellationToken);
        await using var installation = await LocalInstallation.StartAsync(data, options.FindNumber("--port") ?? 8443, agentArchive, database?.File, cancellationToken);
        Console.WriteLine($"""

            {installation.Server.Address}
              sign in as admin, {installation.Login}
              (your browser does not know this server's own authority; the warning is expected)
              usable after {SinceStart().TotalSeconds.ToString("F1", CultureInfo.InvariantCulture)} s

            """);

        Say("first machine: a Debian root with a file system of its own");
        await using var machine = await FirstMachine.StartAsync(installation, agentArchive, cancellationToken);
        await using var simulated = options.FindNumber("--simulate") is { } count
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

    // Since ./dev was typed: what it installed and built counts.
    private static TimeSpan SinceStart()
    {
        var started = double.Parse(Environment.GetEnvironmentVariable("MUSTER_DEV_STARTED") ?? throw new DevException("run this by ./dev"), CultureInfo.InvariantCulture);
        return TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch.AddSeconds(started);
    }

    private static async Task<string> BuildAsync(CancellationToken cancellationToken)
    {
        Say("pages and agent");
        if (WebBuild.Exists)
        {
            await WebBuild.BuildAsync(cancellationToken);
        }

        return await AgentFolder.EnsureArchiveAsync(await Release.OfThisCommitAsync(cancellationToken), cancellationToken);
    }

    internal static void Say(string what) => Console.WriteLine($"== {what}");
}
