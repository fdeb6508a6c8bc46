using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Muster.Testing;

namespace Muster.Dev;

/// <summary>
/// What the agent must not need of the machine it keeps: its TLS and zstd libraries always, the C++ runtime where the
/// machine's own is missing. An older C library than the C++ runtime was built with is no hindrance as long as the machine
/// has a C++ runtime, as it then fits that C library.
/// </summary>
internal static partial class AgentLibraries
{
    private const string Fallback = "fallback";

    // The loader looks there in this order, for the program and for all that the runtime asks for by a bare name.
    private const string SearchPath = "$ORIGIN:/usr/lib/x86_64-linux-gnu:/lib/x86_64-linux-gnu:/usr/lib64:/lib64:$ORIGIN/" + Fallback;

    private const string Gcc = "GPL-3.0-or-later WITH GCC-exception-3.1";

    private static readonly (string Name, string Licence, string Folder)[] Libraries =
    [
        ("libssl.so.3", "Apache-2.0", ""), ("libcrypto.so.3", "Apache-2.0", ""), ("libzstd.so.1", "BSD-3-Clause", ""),
        ("libstdc++.so.6", Gcc, Fallback), ("libgcc_s.so.1", Gcc, Fallback),
    ];

    /// <summary>Copies this host's libraries into the agent's folder, lets its program find them, and says which packages they are of.</summary>
    public static async Task<string> AddAsync(string folder, Release release, CancellationToken cancellationToken)
    {
        var list = new StringBuilder($"""
            muster-agent {release.Version}, linux-x64
            .NET runtime {Environment.Version}, MIT

            library, Debian source package and version, licence, SHA-256

            """);
        foreach (var (name, licence, below) in Libraries)
        {
            var source = Path.Combine("/usr/lib/x86_64-linux-gnu", name);
            var real = File.ResolveLinkTarget(source, returnFinalTarget: true)?.FullName ?? source;
            if (!File.Exists(real))
            {
                throw new DevException($"{source} is missing; it goes into the agent's folder");
            }

            Place.File(real, Path.Combine(folder, below, name));
            var package = await OwnerAsync(real, cancellationToken);
            var version = await Command.RunAsync("dpkg-query", ["-W", "-f=${source:Package} ${source:Version}", package], cancellationToken);
            list.Append(CultureInfo.InvariantCulture, $"{Path.Combine(below, name)}, {version}, {licence}, {Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(real, cancellationToken)))}\n");
        }

        // RPATH and not RUNPATH: only the former also counts for what the libraries themselves ask for.
        await Tool.RunAsync(folder, ["patchelf", "--force-rpath", "--set-rpath", SearchPath, "muster-agent"], cancellationToken);
        return list.ToString();
    }

    /// <summary>The oldest C library that everything in the agent's folder can be loaded beside, but for the fallback.</summary>
    public static async Task<string> OldestLibcAsync(string folder, CancellationToken cancellationToken)
    {
        var programs = Directory.EnumerateFiles(folder, "*.so*").Append(Path.Combine(folder, "muster-agent"));
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
