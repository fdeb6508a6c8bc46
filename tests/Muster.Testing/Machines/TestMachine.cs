using System.Diagnostics;

namespace Muster.Testing;

/// <summary>
/// A Debian machine without a kernel of its own: a shared root with its own changes over it as one file system, its own
/// mount namespace, and the host's processes and network. It goes when disposed, or when this process ends in any way.
/// </summary>
public sealed class TestMachine : IAsyncDisposable
{
    private readonly HeldFileSystem _held;

    private TestMachine(HeldFileSystem held) => _held = held;

    /// <summary>The machine's <c>/</c>, seen from the host.</summary>
    public string Root => $"/proc/{_held.ProcessId}/root";

    public static Task<TestMachine> StartAsync(CancellationToken cancellationToken) => StartAsync(DebianRoot.SmallPackages, null, cancellationToken);

    /// <param name="packages">What it has beside Debian's smallest installation.</param>
    /// <param name="folder">Where the machine's changes lie and stay; without one they are temporary.</param>
    public static async Task<TestMachine> StartAsync(IReadOnlyList<string> packages, string? folder, CancellationToken cancellationToken)
    {
        Peer.RequireRoot();
        return await StartOverAsync(await DebianRoot.EnsureAsync(packages, cancellationToken), folder, cancellationToken);
    }

    /// <summary>A machine with a copy of any root on a disk of its own: slower to make, and as quick as a real one to change.</summary>
    public static async Task<TestMachine> StartCopiedAsync(string root, CancellationToken cancellationToken) =>
        new(await HeldFileSystem.StartAsync("copied", HeldFileSystem.NewFolder(), keep: false, root, cancellationToken));

    /// <summary>A machine over any root.</summary>
    public static async Task<TestMachine> StartOverAsync(string root, string? folder, CancellationToken cancellationToken)
    {
        var held = await HeldFileSystem.StartAsync("machine", folder ?? HeldFileSystem.NewFolder(), folder is not null, root, cancellationToken);
        return new(held);
    }

    /// <summary>Runs a program of the machine to its end.</summary>
    public Task<string> RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        var words = _held.Enter(command);
        return Command.RunAsync(words[0], words.Skip(1), cancellationToken);
    }

    /// <summary>Starts a program of the machine; it is killed with the machine.</summary>
    public Process Start(IReadOnlyList<string> command)
    {
        var words = _held.Enter(command);
        return Command.Start(words[0], words.Skip(1), redirected: true);
    }

    /// <summary>How a caller who wants more control starts a program of the machine.</summary>
    public ProcessStartInfo StartInfo(IReadOnlyList<string> command)
    {
        var words = _held.Enter(command);
        return new(words[0], words.Skip(1));
    }

    /// <summary>A path of the machine, seen from the host.</summary>
    public string PathOf(string path) => Root + path;

    public ValueTask DisposeAsync() => _held.DisposeAsync();
}
