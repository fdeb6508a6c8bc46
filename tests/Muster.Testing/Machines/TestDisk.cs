using System.Globalization;

namespace Muster.Testing;

/// <summary>An empty ext4 file system of a given size, for trees of a test's own and for disks that run full.</summary>
public sealed class TestDisk : IAsyncDisposable
{
    private readonly HeldFileSystem _held;
    private readonly string _folder;

    private TestDisk(HeldFileSystem held, string folder)
    {
        _held = held;
        _folder = folder;
    }

    /// <summary>The file system's root directory; it is mounted in a namespace of its own, hence the way through /proc.</summary>
    public string Path => $"/proc/{_held.ProcessId}/root{_folder}/root";

    /// <summary>The same directory for programs run by <see cref="Enter"/>.</summary>
    public string PathInside => $"{_folder}/root";

    public static async Task<TestDisk> StartAsync(int mebibytes, CancellationToken cancellationToken)
    {
        Peer.RequireRoot();
        Peer.Require("mkfs.ext4");
        var folder = HeldFileSystem.NewFolder();
        return new(await HeldFileSystem.StartAsync("disk", folder, keep: false, mebibytes.ToString(CultureInfo.InvariantCulture), cancellationToken), folder);
    }

    /// <summary>The words that run one of the host's programs where the file system is mounted.</summary>
    public IReadOnlyList<string> Enter(IEnumerable<string> command) => _held.Enter(command);

    public ValueTask DisposeAsync() => _held.DisposeAsync();
}
