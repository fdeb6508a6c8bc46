using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Muster.Testing;

namespace Muster.Dev;

/// <summary>
/// What the agent must not need of the machine it keeps: its TLS and zstd libraries.
/// </summary>
internal static partial class AgentLibraries
{
    // The loader looks there first, for all that the program asks for by a bare name.
    private const string SearchPath = "$ORIGIN";

    private static readonly (string Name, string Licence)[] Libraries = [("libssl.so.3", "Apache-2.0"), ("libcrypto.so.3", "Apache-2.0"), ("libzstd.so.1", "BSD-3-Clause")];

    /// <summary>Copies this host's libraries into the agent's folder, lets its program find them, and says which packages they are of.</summary>
    public static async Task<string> AddAsync(string folder, Release release, CancellationToken cancellationToken)
    {
        var list = new StringBuilder($"""
            muster-agent {release.Version}, linux-x64
            .NET runtime {Environment.Version}, MIT

            library, Debian source package and version, licence, SHA-256

            """);
        foreach (var (name, licence) in Libraries)
        {
            var source = Path.Combine("/usr/lib/x86_64-linux-gnu", name);
            var real = File.ResolveLinkTarget(source, returnFinalTarget: true)?.FullName ?? source;
            if (!File.Exists(real))
            {
                throw new DevException($"{source} is missing; it goes into the agent's folder");
            }

            Place.File(real, Path.Combine(folder, name));
            var package = await OwnerAsync(real, cancellationToken);
            var version = await Command.RunAsync("dpkg-query", ["-W", "-f=${source:Package} ${source:Version}", package], cancellationToken);
            list.Append(CultureInfo.InvariantCulture, $"{name}, {version}, {licence}, {Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(real, cancellationToken)))}\n");
        }

        // RPATH and not RUNPATH: only the former also counts for what the libraries themselves ask for.
        await Tool.RunAsync(folder, ["patchelf", "--force-rpath", "--set-rpath", SearchPath, "muster-agent"], cancellationToken);
        return list.ToString();
    }

    /// <summary>The oldest C library that a program and the libraries beside it can be loaded with.</summary>
    public static async Task<string> OldestLibcAsync(string program, CancellationToken cancellationToken)
    {
        var programs = Directory.EnumerateFiles(Path.GetDirectoryName(program)!, "*.so*").Append(program);
        var said = await Command.RunAsync("readelf", ["--version-info", "--wide", .. programs], cancellationToken);
        return LibcSymbols().Matches(said).Select(match => Version.Parse(match.Groups[1].Value)).Max()!.ToString();
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

    [GeneratedRegex(@"\bName: GLIBC_(2\.\d+)")]
    private static partial Regex LibcSymbols();
}
