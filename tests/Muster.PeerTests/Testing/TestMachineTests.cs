using System.Diagnostics;
using Muster.Testing;

namespace Muster.PeerTests.Testing;

public sealed class TestMachineTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_machine_is_a_Debian_root_on_a_file_system_of_its_own()
    {
        await using var machine = await TestMachine.StartAsync(Cancelled);

        Assert.Contains("cap_net_raw", await machine.RunAsync(["getcap", "/bin/ping"], Cancelled), StringComparison.Ordinal);
        Assert.Contains("overlay", await machine.RunAsync(["stat", "--file-system", "--format=%T", "/"], Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_machines_of_one_root_do_not_see_each_others_changes()
    {
        await using var one = await TestMachine.StartAsync(Cancelled);
        await using var other = await TestMachine.StartAsync(Cancelled);

        await one.RunAsync(["sh", "-c", "echo changed >/etc/motd"], Cancelled);

        Assert.Equal("changed\n", await File.ReadAllTextAsync(one.PathOf("/etc/motd"), Cancelled));
        Assert.NotEqual("changed\n", await other.RunAsync(["cat", "/etc/motd"], Cancelled));
    }

    [Fact]
    public async Task A_machine_shares_the_hosts_processes_so_that_a_culprit_can_be_named()
    {
        await using var machine = await TestMachine.StartAsync(Cancelled);

        Assert.Equal($"{Environment.ProcessId}\n", await machine.RunAsync(["sh", "-c", $"cut -d ' ' -f 1 /proc/{Environment.ProcessId}/stat"], Cancelled));
    }

    [Fact]
    public async Task What_still_runs_on_a_machine_ends_with_it()
    {
        Process left;
        await using (var machine = await TestMachine.StartAsync(Cancelled))
        {
            left = machine.Start(["sh", "-c", "echo inside; exec sleep 1d"]);

            // What has not entered yet when the machine ends is nobody's.
            Assert.Equal("inside", await left.StandardOutput.ReadLineAsync(Cancelled));
        }

        using (left)
        {
            await left.WaitForExitAsync(Cancelled);
            Assert.NotEqual(0, left.ExitCode);
        }
    }

    [Fact]
    public async Task A_small_disk_runs_full()
    {
        await using var disk = await TestDisk.StartAsync(mebibytes: 8, Cancelled);

        var full = await Assert.ThrowsAsync<IOException>(() => File.WriteAllBytesAsync($"{disk.Path}/large", new byte[16 << 20], Cancelled));

        Assert.Contains("No space left", full.Message, StringComparison.Ordinal);
    }
}
