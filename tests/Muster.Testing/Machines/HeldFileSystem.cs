using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Muster.Testing;

/// <summary>
/// A file system in a mount namespace of its own, held by <c>hold.sh</c> for as long as this process lives. PID and network
/// namespaces are the host's, so that audit records and process names reach who watches it.
/// </summary>
internal sealed class HeldFileSystem : IAsyncDisposable
{
    private readonly Process _holder;
    private readonly string _folder;
    private readonly bool _keep;

    private HeldFileSystem(Process holder, int processId, string folder, bool keep)
    {
        _holder = holder;
        ProcessId = processId;
        _folder = folder;
        _keep = keep;
    }

    /// <summary>A process inside; <c>/proc/ID/root</c> is the way in for everybody else.</summary>
    public int ProcessId { get; }

    // Where /tmp is memory an overlay lacks what the tests are about.
    public static string NewFolder() =>
        Directory.CreateDirectory(Path.Combine("/var/tmp", $"muster-test-{Guid.NewGuid():N}")).FullName;

    public static async Task<HeldFileSystem> StartAsync(string kind, string folder, bool keep, string what, CancellationToken cancellationToken)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "Machines", "hold.sh");
        var holder = Command.Start("bash", [script, kind, folder, keep ? "keep" : "remove", what], redirected: true);
        var said = await holder.StandardOutput.ReadLineAsync(cancellationToken);
        if (said?.Split(' ') is ["ready", var id])
        {
            return new(holder, int.Parse(id, CultureInfo.InvariantCulture), folder, keep);
        }

        using (holder)
        {
            holder.StandardInput.Close();
            throw new CommandException($"no file system of {kind} {what} in {folder}: {await holder.StandardError.ReadToEndAsync(cancellationToken)}");
        }
    }

    /// <summary>The words that run a program inside.</summary>
    public IReadOnlyList<string> Enter(IEnumerable<string> command) =>
        ["nsenter", $"--target={ProcessId}", "--mount", "--root", "--wdns=/", "--", .. command];

    public async ValueTask DisposeAsync()
    {
        _holder.StandardInput.Close();
        await _holder.WaitForExitAsync(TestContext.Current.CancellationToken);
        _holder.Dispose();
        if (!_keep && Directory.Exists(_folder))
        {
            throw new InvalidOperationException($"{_folder} was left behind");
        }
    }
}
