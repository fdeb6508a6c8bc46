using System.Security.Cryptography;
using System.Text;

namespace Muster.Testing;

/// <summary>
/// A root file system of Debian packages, made once by mmdebstrap and kept in <c>~/.cache/muster-dev/roots</c>. It is
/// shared by everything that runs on this computer and never written to: a test machine lays its own changes over it.
/// </summary>
public static class DebianRoot
{
    /// <summary>Enough for file capabilities (ping), access control lists and the join line; quick to make.</summary>
    public static IReadOnlyList<string> SmallPackages { get; } = ["iputils-ping", "acl", "attr", "libcap2-bin", "curl", "ca-certificates", "vim-tiny"];

    private const string Suite = "bookworm";

    // Part of the digest: a changed recipe makes a new root.
    private const string Recipe = "2";

    // Documents and translations are nothing a machine runs.
    private static readonly string[] WithoutDocuments = ["--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/locale/*"];

    private static string Cache => Path.Combine(Home, "muster-dev", "roots");

    private static string Home => Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } home
        ? home
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");

    /// <summary>The root's folder.</summary>
    /// <param name="documents">Also what people read; without it a root is made in half the time.</param>
    public static async Task<string> EnsureAsync(IReadOnlyList<string> packages, CancellationToken cancellationToken, bool documents = false)
    {
        var root = Path.Combine(Cache, Name(packages, documents));
        if (Directory.Exists(root))
        {
            return root;
        }

        Peer.RequireRoot();
        Directory.CreateDirectory(Cache);
        using var mine = await LockAsync(root + ".lock", cancellationToken);
        if (!Directory.Exists(root))
        {
            await MakeAsync(root, packages, documents, cancellationToken);
        }

        return root;
    }

    private static async Task MakeAsync(string root, IReadOnlyList<string> packages, bool documents, CancellationToken cancellationToken)
    {
        var partial = root + ".partial";
        await Command.RunAsync("rm", ["-rf", "--one-file-system", "--", partial], cancellationToken);
        await Command.RunAsync(
            Peer.Require("mmdebstrap"),
            [
                "--quiet", "--variant=minbase", .. packages.Select(package => $"--include={package}"),
                .. documents ? [] : WithoutDocuments,
                "--customize-hook=printf '127.0.0.1 localhost\\n::1 localhost\\n' >\"$1/etc/hosts\"",
                Suite, partial, .. await SourcesAsync(cancellationToken),
            ],
            cancellationToken);
        Directory.Move(partial, root);
    }

    /// <summary>The host's own sources of that release, so that a local mirror is used; without any, Debian's own.</summary>
    public static async Task<IReadOnlyList<string>> SourcesAsync(CancellationToken cancellationToken)
    {
        var targets = await Command.TryAsync(
            "apt-get", ["indextargets", "--format", "deb $(REPO_URI) $(CODENAME) main", "Created-By: Packages", "Origin: Debian", "Component: main"], cancellationToken);
        return [.. targets.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line.Split(' ')[2] is Suite or Suite + "-security" or Suite + "-updates").Distinct().Order(StringComparer.Ordinal)];
    }

    private static string Name(IReadOnlyList<string> packages, bool documents)
    {
        var text = $"{Recipe} {Suite} {(documents ? "documents " : "")}{string.Join(' ', packages.Order(StringComparer.Ordinal))}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
    }

    // Two test programs may want the same root at once; the second waits for the first.
    private static async Task<FileStream> LockAsync(string file, CancellationToken cancellationToken)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await again.WaitForNextTickAsync(cancellationToken);
            }
        }
    }
}
