using Muster.Files;
using Muster.Protocol.Machines;
using Muster.Testing;
using Muster.Testing.Agents;

namespace Muster.PeerTests.Agent;

public sealed class DriftTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    [Requirement("DM-002")]
    public async Task Every_kind_of_change_is_undone_and_its_maker_named()
    {
        await using var disk = await TestDisk.StartAsync(200, Cancel);
        await using var kept = await KeptMachine.StartAsync(disk);
        await kept.PlainImageAsync();

        // One after the other: what one program did is told apart from what the next one does.
        (string Process, string Command, string Path)[] changes =
        [
            ("dd", "dd if=/dev/zero of=etc/motd bs=1 count=3 conv=notrunc status=none", "/etc/motd"),
            ("chmod", "chmod 777 etc/shadow", "/etc/shadow"),
            ("chown", "chown 12:13 etc/passwd", "/etc/passwd"),
            ("rm", "rm etc/hosts", "/etc/hosts"),
            ("mv", "mv usr/bin/tool usr/bin/other", "/usr/bin/tool"),
            ("ln", "ln -sfn elsewhere etc/link", "/etc/link"),
            ("rm", "rm -rf usr/share", "/usr/share"),
            ("touch", "touch -d 2001-01-01 etc/fstab", "/etc/fstab"),
            ("cp", "cp etc/motd etc/extra", "/etc/extra"),
            ("mkdir", "mkdir -p new/tree", "/new"),
            ("setfattr", "setfattr -n user.evil -v 1 etc/passwd", "/etc/passwd"),
            ("setfacl", "setfacl -m u:12:r etc/passwd", "/etc/passwd"),
            ("setcap", "setcap cap_net_raw+ep usr/bin/tool", "/usr/bin/tool"),
            ("truncate", "truncate -s 5 etc/fstab", "/etc/fstab"),
        ];
        foreach (var (process, command, path) in changes)
        {
            var before = kept.Server.Drifts.Count();

            // A tree is put back while it is still being removed: rm may complain, and what is told may lie below.
            await Command.TryAsync("sh", ["-c", $"cd '{kept.Root}' && exec {command}"], Cancel);
            await kept.Server.WaitForAsync(
                server => server.Drifts.Skip(before).Any(drift => IsAtOrBelow(drift.Path.ToString(), path) && drift is { FoundBy: "event", Outcome: "restored" } && drift.Culprit?.Process == process), Cancel);
            await kept.UntilLikeWantedAsync();
        }
    }

    [Fact]
    public async Task What_the_cache_does_not_have_yet_is_fetched_and_put_right()
    {
        await using var disk = await TestDisk.StartAsync(200, Cancel);
        await using var kept = await KeptMachine.StartAsync(disk);
        await kept.PlainImageAsync();
        await kept.UntilCachedAsync();
        await kept.Agent.KillAsync();
        foreach (var cached in Directory.GetFiles(Path.Combine(kept.State, "cache"), "1-*", SearchOption.AllDirectories))
        {
            File.Delete(cached);
        }

        kept.Agent.Start();
        await kept.Server.WaitForAsync(_ => kept.Agent.Said.Contains("keeps", StringComparison.Ordinal), Cancel);
        foreach (var path in (string[])["etc/motd", "etc/hosts", "etc/fstab", "etc/passwd", "etc/shadow", "usr/bin/tool", "usr/share/doc/a/a", "usr/share/doc/b/b"])
        {
            var before = kept.Server.Drifts.Count();
            await File.AppendAllTextAsync(Path.Combine(kept.Root, path), "broken", Cancel);
            await kept.Server.WaitForAsync(server => server.Drifts.Skip(before).Any(drift => drift.Path.ToString() == "/" + path), Cancel);
            await kept.UntilLikeWantedAsync();
        }

        Assert.DoesNotContain(kept.Server.Reports, report => report.State == MachineState.Failed);
    }

    [Fact]
    public async Task A_burst_of_ten_thousand_changes_is_undone()
    {
        await using var disk = await TestDisk.StartAsync(400, Cancel);
        await using var kept = await KeptMachine.StartAsync(disk);
        await Command.RunAsync("bash", "-c", $"""cd "{kept.Wanted}" && mkdir d && for i in $(seq 1 10000); do echo $i > d/f$i; done""");
        await kept.RequireWantedAsync();

        await Command.RunAsync("bash", "-c", $"""cd "{kept.Root}/d" && for i in $(seq 1 10000); do echo changed > f$i; done""");

        await kept.UntilLikeWantedAsync();
    }

    [Fact]
    public async Task A_restarted_agent_restores_without_its_server()
    {
        await using var disk = await TestDisk.StartAsync(200, Cancel);
        await using var kept = await KeptMachine.StartAsync(disk);
        await kept.PlainImageAsync();
        await kept.UntilCachedAsync();
        await kept.Server.StopAsync();
        await kept.Agent.KillAsync();
        await File.WriteAllTextAsync(Path.Combine(kept.Root, "etc/motd"), "changed while nobody looked", Cancel);
        kept.Agent.Start();
        await kept.UntilLikeWantedAsync();

        File.Delete(Path.Combine(kept.Root, "etc/hosts"));
        await kept.UntilLikeWantedAsync();
        await kept.Server.RestartAsync();

        await kept.Server.WaitForAsync(server => Paths(server).IsSupersetOf(["/etc/hosts"]), Cancel);
    }

    [Fact]
    public async Task A_monitored_machine_is_only_told_of()
    {
        await using var disk = await TestDisk.StartAsync(200, Cancel);
        await using var kept = await KeptMachine.StartAsync(disk);
        var image = await kept.PlainImageAsync();
        kept.Server.Require(image.Digest, MachineMode.Monitor);
        await kept.Server.WaitForStateAsync(MachineState.InSync, Cancel);

        await File.WriteAllTextAsync(Path.Combine(kept.Root, "etc/motd"), "changed", Cancel);
        await kept.Server.WaitForStateAsync(MachineState.Drifted, Cancel);

        Assert.Equal("changed", await File.ReadAllTextAsync(Path.Combine(kept.Root, "etc/motd"), Cancel));
        await kept.Server.WaitForAsync(server => server.Drifts.Any(drift => drift.Outcome == "reported" && drift.Path.ToString() == "/etc/motd"), Cancel);
    }

    [Fact]
    public async Task Who_keeps_changing_a_file_back_is_named_and_no_longer_fought()
    {
        await using var disk = await TestDisk.StartAsync(200, Cancel);
        await using var kept = await KeptMachine.StartAsync(disk);
        await kept.PlainImageAsync();

        for (var round = 0; !kept.Server.Seen.Conditions.Any(condition => condition.Code == "drift.war"); round++)
        {
            Assert.True(round < 20, kept.Agent.Said);
            var count = kept.Server.Drifts.Count();
            await Command.RunAsync("bash", "-c", $"echo {round} > '{kept.Root}/etc/motd'");
            await kept.Server.WaitForAsync(server => server.Drifts.Count() > count, Cancel);
        }

        await kept.Server.WaitForAsync(
            server => server.Seen.Conditions.Any(condition => condition.Code == "drift.war" && condition.Text.Contains("/etc/motd", StringComparison.Ordinal) && condition.Text.Contains("bash (pid ", StringComparison.Ordinal)), Cancel);
        await Command.RunAsync("bash", "-c", $"echo victory > '{kept.Root}/etc/motd'");
        await kept.Server.WaitForStateAsync(MachineState.Drifted, Cancel);
        Assert.Equal("victory\n", await File.ReadAllTextAsync(Path.Combine(kept.Root, "etc/motd"), Cancel));
    }

    [Fact]
    [Requirement("DMX-007")]
    public async Task What_is_written_to_the_disk_past_the_kernel_is_found_by_the_verifying_scan_and_restored()
    {
        Peer.Require("debugfs");
        await using var disk = await TestDisk.StartAsync(200, Cancel);
        await using var kept = await KeptMachine.StartAsync(disk, "--verify-hours", "0.0005");
        await kept.PlainImageAsync();
        await kept.UntilCachedAsync();

        // Neither an event nor the file's times tell of it, and the kernel still remembers the old content.
        await RunInsideAsync(disk, $"""
            sync -f '{kept.RootInside}'
            device=$(findmnt -no SOURCE --target '{kept.RootInside}')
            block=$(debugfs -R 'blocks /root/etc/hosts' "$device" 2>/dev/null | grep -E '^[0-9]')
            printf X | dd of="$device" bs=1 seek=$((block * $(stat -fc %S '{kept.RootInside}'))) conv=notrunc,fsync status=none
            """);

        await kept.Server.WaitForAsync(server => server.Drifts.Any(drift => drift is { FoundBy: "scan", Outcome: "restored" } && drift.Path.ToString() == "/etc/hosts"), Cancel);
        await kept.AssertLikeWantedAsync("after the scan");
    }

    [Fact]
    public async Task A_file_system_mounted_over_what_is_kept_is_told_of_and_the_state_is_kept_beside_the_root()
    {
        await using var disk = await TestDisk.StartAsync(200, Cancel);
        await using var kept = await KeptMachine.StartAsync(disk);
        await kept.PlainImageAsync();
        Directory.CreateDirectory(Path.Combine(kept.Root, "var/lib"));
        using (var root = Linux.OpenRoot(kept.Root))
        {
            Assert.Equal("/var/lib/muster-agent", Muster.Agent.AgentOptions.UsualState(root));
        }

        await RunInsideAsync(disk, $"""
            truncate -s 20M '{disk.PathInside}/other' && mkfs.ext4 -q '{disk.PathInside}/other'
            mount -o loop '{disk.PathInside}/other' '{kept.RootInside}/usr/share' && mkdir -p '{kept.RootInside}/var/lib' && mount -t tmpfs none '{kept.RootInside}/var'
            mkdir '{kept.RootInside}/var/lib'
            """);
        try
        {
            using var root = Linux.OpenRoot(kept.Root);
            Assert.Equal("/.muster-agent", Muster.Agent.AgentOptions.UsualState(root));
            await kept.Agent.KillAsync();
            kept.Agent.Start();

            await kept.Server.WaitForAsync(
                server => server.Seen.Conditions.Any(condition => condition.Code == "mounts.not-kept" && condition.Text.StartsWith("/usr/share:", StringComparison.Ordinal)), Cancel);
        }
        finally
        {
            await kept.Agent.KillAsync();
            await RunInsideAsync(disk, $"umount '{kept.RootInside}/var' '{kept.RootInside}/usr/share'");
            kept.Agent.Start();
        }
    }

    private static Task<string> RunInsideAsync(TestDisk disk, string script)
    {
        var inside = disk.Enter(["bash", "-euc", script]);
        return Command.RunAsync(inside[0], [.. inside.Skip(1)], Cancel);
    }

    private static bool IsAtOrBelow(string path, string of) => path == of || path.StartsWith(of + "/", StringComparison.Ordinal);

    private static HashSet<string> Paths(ProtocolServer server) => [.. server.Drifts.Select(drift => drift.Path.ToString())];
}
