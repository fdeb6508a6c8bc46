using System.Diagnostics;
using Muster.Testing;

namespace Muster.Dev;

/// <summary>
/// Released programs, unpacked; a server of theirs; the root as a file system of its own to make images of, and a second one with 1 % of
/// its files changed.
/// </summary>
internal sealed class BenchGround : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;

    private BenchGround(TemporaryFolder folder, BenchRoot root, TestMachine same, TestMachine changed)
    {
        _folder = folder;
        Root = root;
        Same = same;
        Changed = changed;
    }

    public BenchRoot Root { get; }

    public TestMachine Same { get; }

    public TestMachine Changed { get; }

    public static string AgentArchive => Packages.RequireArchive("muster-agent");

    public string Programs => _folder.Under("programs");

    public static async Task<BenchGround> StartAsync(BenchRoot root, CancellationToken cancellationToken)
    {
        var folder = new TemporaryFolder();
        foreach (var name in (string[])["muster-server", "muster"])
        {
            var archive = Packages.RequireArchive(name);
            await Command.RunAsync("mkdir", "-p", folder.Under("programs"));
            await Command.RunAsync("tar", "-xzf", archive, "-C", folder.Under("programs"));
        }

        var same = await TestMachine.StartOverAsync(root.Path, null, cancellationToken);
        var changed = await TestMachine.StartOverAsync(root.Path, null, cancellationToken);
        await changed.RunAsync(
            ["sh", "-c", "find /usr /etc -xdev -type f | sort | awk 'NR % 100 == 0' | while read -r file; do printf x >>\"$file\"; done"], cancellationToken);
        return new(folder, root, same, changed);
    }

    /// <summary>A server with nothing in it yet.</summary>
    public async Task<(ServerProcess Server, MusterCommandLine Muster)> StartServerAsync(CancellationToken cancellationToken)
    {
        var data = _folder.Under(Guid.NewGuid().ToString("N"));
        await ServerProcess.InitialiseAsync(data, cancellationToken);
        var token = await InstallationAccess.MakeTokenAsync(data, cancellationToken);
        var server = await ServerProcess.StartAsync(data, 0, null, AgentArchive, null, cancellationToken, Path.Combine(Programs, "usr/lib/muster-server/muster-server"));
        var authority = Path.Combine(data, "authority.pem");
        await File.WriteAllTextAsync(authority, await server.GetAuthorityAsync(cancellationToken), cancellationToken);

        // A home of its own: what the command line remembers of the tree belongs to this server's round.
        return (server, new MusterCommandLine(server.Address, token, authority, Path.Combine(Programs, "usr/lib/muster/muster"), data));
    }

    public static async Task<double> SecondsAsync(Func<Task> what)
    {
        var took = Stopwatch.StartNew();
        await what();
        return took.Elapsed.TotalSeconds;
    }

    public async ValueTask DisposeAsync()
    {
        await Same.DisposeAsync();
        await Changed.DisposeAsync();
        _folder.Dispose();
    }
}
