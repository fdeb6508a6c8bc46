using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Muster.Testing;

namespace Muster.Dev;

/// <summary>
/// The agent as it lies on a machine: the trimmed program with its own libssl, libcrypto and libzstd, found before the
/// system's because they lie beside the runtime's own libraries. A root without OpenSSL is enough for it.
/// </summary>
internal static class AgentFolder
{
    private static readonly string[] Sources = ["Muster.Agent", "Muster.Files", "Muster.Protocol", "Muster.Core"];

    private static readonly string[] Libraries = ["libssl.so.3", "libcrypto.so.3", "libzstd.so.1"];

    /// <summary>Holds VERSION/… and current -> VERSION; unpacked into /usr/lib/muster-agent. Made again when a source is newer.</summary>
    public static async Task<string> EnsureArchiveAsync(Release release, CancellationToken cancellationToken)
    {
        var archive = Repository.Under("artifacts", "packages", $"muster-agent_{release.Version}_linux-x64.tar.gz");
        if (File.Exists(archive) && Newest() < File.GetLastWriteTimeUtc(archive))
        {
            return archive;
        }

        using var stage = new TemporaryFolder();
        var folder = stage.Under(release.Version);
        await Publish.ProgramAsync("Muster.Agent", folder, trimmed: true, cancellationToken);
        Place.Text(await AddLibrariesAsync(folder, release, cancellationToken), Path.Combine(folder, "SBOM.txt"));
        Place.File(Repository.Under("deploy", "systemd", "muster-agent.service"), Path.Combine(folder, "muster-agent.service"));
        Place.Link(release.Version, stage.Under("current"));
        return await release.ArchiveAsync("muster-agent", stage.Path, cancellationToken);
    }

    /// <summary>Copies this host's libraries, and says which packages they are of.</summary>
    private static async Task<string> AddLibrariesAsync(string folder, Release release, CancellationToken cancellationToken)
    {
        var list = new StringBuilder($"""
            muster-agent {release.Version}, linux-x64
            .NET runtime {Environment.Version}, MIT

            library, Debian package, version, licence, SHA-256

            """);
        foreach (var library in Libraries)
        {
            var source = Path.Combine("/usr/lib/x86_64-linux-gnu", library);
            var real = File.ResolveLinkTarget(source, returnFinalTarget: true)?.FullName ?? source;
            if (!File.Exists(real))
            {
                throw new DevException($"{source} is missing; it goes into the agent's folder");
            }

            Place.File(real, Path.Combine(folder, library));
            var package = await OwnerAsync(real, cancellationToken);
            var version = await Command.RunAsync("dpkg-query", ["-W", "-f=${source:Package} ${Version}", package], cancellationToken);
            var licence = library.StartsWith("libzstd", StringComparison.Ordinal) ? "BSD-3-Clause" : "Apache-2.0";
            list.Append(CultureInfo.InvariantCulture, $"{library}, {version}, {licence}, {Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(real, cancellationToken)))}\n");
        }

        return list.ToString();
    }

    // With a merged /usr dpkg may know a file by either path.
    private static async Task<string> OwnerAsync(string file, CancellationToken cancellationToken)
    {
        foreach (var path in new[] { file, file.StartsWith("/usr/", StringComparison.Ordinal) ? file[4..] : "/usr" + file })
        {
            var answer = await Command.TryAsync("dpkg-query", ["-S", path], cancellationToken);
            if (answer.ExitCode == 0)
            {
                return answer.Output[..answer.Output.LastIndexOf(':')];
            }
        }

        throw new DevException($"no Debian package owns {file}");
    }

    private static DateTime Newest() => Sources
        .SelectMany(project => Directory.EnumerateFiles(Repository.Under("src", project), "*", SearchOption.AllDirectories))
        .Append(Repository.Under("Directory.Build.props")).Append(Repository.Under("Directory.Packages.props"))
        .Max(File.GetLastWriteTimeUtc);
}
