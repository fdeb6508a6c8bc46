using System.Diagnostics;
using Muster.Testing;

namespace Muster.PeerTests.Testing;

/// <summary>What is started for a test or for <c>./dev up</c> ends with it and leaves nothing.</summary>
public sealed class LeashTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_program_on_a_leash_is_asked_to_stop_when_its_starter_lets_go()
    {
        await using var process = LeashedProcess.Start(["bash", "-c", "trap 'echo asked; exit 3' TERM; echo ready; while :; do read -r -t 1 _ </dev/zero || :; done"]);
        await UntilAsync(() => process.Said.Contains("ready", StringComparison.Ordinal));

        process.LetGo();

        Assert.Equal(3, await process.WaitAsync(Cancelled));
        Assert.Contains("asked", process.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signal_to_the_whole_group_does_not_keep_a_machine_from_cleaning_up()
    {
        var folder = Directory.CreateDirectory(Path.Combine("/var/tmp", $"muster-test-{Guid.NewGuid():N}")).FullName;
        Peer.RequireRoot();
        var script = Path.Combine(AppContext.BaseDirectory, "Machines", "hold.sh");
        using var holder = Process.Start(new ProcessStartInfo("setsid", ["--wait", "bash", script, "disk", folder, "remove", "8"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        var inside = (await holder.StandardOutput.ReadLineAsync(Cancelled))!.Split(' ')[1];
        var group = (await Command.RunAsync("ps", ["-o", "pgid=", "-p", inside], Cancelled)).Trim();

        await Command.RunAsync("bash", ["-c", $"kill -INT -{group}; kill -TERM -{group}"], Cancelled);
        Assert.True(Directory.Exists(folder));
        holder.StandardInput.Close();
        await holder.WaitForExitAsync(Cancelled);

        Assert.False(Directory.Exists(folder));
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!isSo())
        {
            await again.WaitForNextTickAsync(Cancelled);
        }
    }
}
