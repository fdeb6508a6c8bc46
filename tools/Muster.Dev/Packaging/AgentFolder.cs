using Muster.Testing;

namespace Muster.Dev;

/// <summary>
/// The agent as it lies on a machine: the program, in native code, with the libraries that it must not need of the machine. A root
/// with nothing but a C library is enough for it.
/// </summary>
internal static class AgentFolder
{
    private static readonly string[] Parts =
    [
        "src/Muster.Agent", "src/Muster.Files", "src/Muster.Protocol", "src/Muster.Core", "tools/Muster.Dev/Packaging",
        "deploy/systemd/muster-agent.service", "Directory.Build.props", "Directory.Packages.props",
    ];

    /// <summary>The archive, made again where a source is newer.</summary>
    public static async Task<string> EnsureArchiveAsync(Release release, CancellationToken cancellationToken)
    {
        var archive = release.ArchiveOf("muster-agent");
        return Newest.In(Parts) < Newest.Of(archive) ? archive : await MakeArchiveAsync(release, cancellationToken);
    }

    /// <summary>Holds VERSION/… and current -> VERSION; unpacked into /usr/lib/muster-agent.</summary>
    public static async Task<string> MakeArchiveAsync(Release release, CancellationToken cancellationToken)
    {
        using var stage = new TemporaryFolder();
        var folder = stage.Under(release.Version);
        await Publish.ProgramAsync("Muster.Agent", folder, cancellationToken);
        Place.Text(await AgentLibraries.AddAsync(folder, release, cancellationToken), Path.Combine(folder, "SBOM.txt"));
        Place.File(Repository.Under("deploy", "systemd", "muster-agent.service"), Path.Combine(folder, "muster-agent.service"));
        Place.Link(release.Version, stage.Under("current"));
        return await release.ArchiveAsync("muster-agent", stage.Path, cancellationToken);
    }
}
