using Muster.Testing;

namespace Muster.Dev;

/// <summary>
/// <c>./dev package</c>: server, command line and agent as Debian packages and tar archives, self-contained. The same
/// commit gives the same bytes.
/// </summary>
internal static class PackageCommand
{
    private static readonly string[] Names = ["muster-server", "muster", "muster-agent"];

    private static readonly string[] Parts =
    [
        "src", "deploy", "tools/Muster.Dev/Packaging", "Directory.Build.props", "Directory.Packages.props",
        "README.md", "CHANGELOG.md", "NOTICE", "docs/reference/third-party.md", .. WebBuild.Parts,
    ];

    public static async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        _ = new Options(arguments, [], []);
        var release = await Release.OfThisCommitAsync(cancellationToken);
        if (WebBuild.Exists)
        {
            await WebBuild.BuildAsync(cancellationToken);
        }

        var agentArchive = await AgentFolder.MakeArchiveAsync(release, cancellationToken);
        using var stage = new TemporaryFolder();
        var made = new List<string> { agentArchive };
        made.AddRange(await PackageServerAsync(release, stage.Under("server"), agentArchive, cancellationToken));
        made.AddRange(await PackageCliAsync(release, stage.Under("cli"), cancellationToken));
        made.Add(await PackageAgentAsync(release, stage.Under("agent"), agentArchive, cancellationToken));
        foreach (var file in made)
        {
            Console.WriteLine($"{new FileInfo(file).Length >> 20,4} MiB  {Path.GetRelativePath(Repository.Root, file)}");
        }

        return 0;
    }

    /// <summary>The same, where something that goes into them is newer; before the tests that install them.</summary>
    public static async Task EnsureAsync(CancellationToken cancellationToken)
    {
        var release = await Release.OfThisCommitAsync(cancellationToken);
        if (Newest.In(Parts) > Names.Min(name => Newest.Of(release.DebOf(name))))
        {
            await RunAsync([], cancellationToken);
        }
    }

    private static async Task<IReadOnlyList<string>> PackageServerAsync(Release release, string root, string agentArchive, CancellationToken cancellationToken)
    {
        var program = Path.Combine(root, "usr/lib/muster-server");
        await Publish.ProgramAsync("Muster.Server", program, cancellationToken);
        if (WebBuild.Exists)
        {
            await Tool.RunAsync(Repository.Root, ["cp", "-r", "--no-target-directory", WebBuild.Output, Path.Combine(program, "web")], cancellationToken);
        }

        Place.File(agentArchive, Path.Combine(program, "agent/muster-agent.tar.gz"));
        Place.Link("../lib/muster-server/muster-server", Path.Combine(root, "usr/bin/muster-server"));
        Place.File(Repository.Under("deploy", "systemd", "muster-server.service"), Path.Combine(root, "usr/lib/systemd/system/muster-server.service"));
        Place.File(Repository.Under("deploy", "etc", "server.env"), Path.Combine(root, "etc/muster/server.env"));
        return [await release.DebAsync("muster-server", root, cancellationToken), await release.ArchiveAsync("muster-server", root, cancellationToken)];
    }

    private static async Task<IReadOnlyList<string>> PackageCliAsync(Release release, string root, CancellationToken cancellationToken)
    {
        var program = Path.Combine(root, "usr/lib/muster");
        await Publish.ProgramAsync("Muster.Cli", program, cancellationToken);
        var libc = await AgentLibraries.OldestLibcAsync(Path.Combine(program, "muster"), cancellationToken);
        Place.Link("../lib/muster/muster", Path.Combine(root, "usr/bin/muster"));
        return [await release.DebAsync("muster", root, cancellationToken, ("LIBC", libc)), await release.ArchiveAsync("muster", root, cancellationToken)];
    }

    private static async Task<string> PackageAgentAsync(Release release, string root, string agentArchive, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateDirectory(Path.Combine(root, "usr/lib/muster-agent")).FullName;
        await Tool.RunAsync(folder, ["tar", "-xzf", agentArchive], cancellationToken);

        // The package's own script sets the link, because an older version may still be beside this one.
        File.Delete(Path.Combine(folder, "current"));
        Place.File(Repository.Under("deploy", "systemd", "muster-agent.service"), Path.Combine(root, "usr/lib/systemd/system/muster-agent.service"));
        var libc = await AgentLibraries.OldestLibcAsync(Path.Combine(folder, release.Version, "muster-agent"), cancellationToken);
        return await release.DebAsync("muster-agent", root, cancellationToken, ("LIBC", libc));
    }
}
