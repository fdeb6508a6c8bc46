using System.Security.Cryptography;
using Muster.Core.Objects;
using Muster.Protocol.Machines;
using Muster.Testing;
using Muster.Testing.Agents;

namespace Muster.PeerTests.Agent;

public sealed class TroubleTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_full_disk_changes_nothing_is_said_and_is_got_over()
    {
        await using var disk = await TestDisk.StartAsync(160, Cancel);
        await using var kept = await KeptMachine.StartAsync(disk);
        await kept.PlainImageAsync("ignore /filler");
        await File.WriteAllBytesAsync(Path.Combine(kept.Wanted, "usr/bin/large"), RandomNumberGenerator.GetBytes(30 << 20), Cancel);
        var filler = Path.Combine(kept.Root, "filler");
        await Command.TryAsync("bash", ["-c", $"head -c 200M /dev/zero > '{filler}'; truncate -s -5M '{filler}'"], Cancel);

        var image = await kept.ImageAsync("ignore /filler");
        kept.Server.Require(image.Digest);
        await kept.Server.WaitForAsync(server => server.Seen.Conditions.Any(condition => condition.Code == "disk.full"), Cancel);
        Assert.False(File.Exists(Path.Combine(kept.Root, "usr/bin/large")));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(kept.Root, ".muster-agent/stage")));

        File.Delete(filler);
        await kept.Server.WaitForStateAsync(MachineState.InSync, Cancel);
        await kept.Server.WaitForAsync(server => server.Seen.Conditions.All(condition => condition.Code != "disk.full"), Cancel);
        await kept.AssertLikeWantedAsync("with room again");
    }

    [Fact]
    public async Task An_agent_whose_own_disk_is_full_keeps_what_it_can_says_so_and_gets_over_it()
    {
        await using var disk = await TestDisk.StartAsync(160, Cancel);
        await using var kept = await KeptMachine.StartAsInstalledAsync(disk);
        await kept.PlainImageAsync("ignore /filler");
        await kept.UntilCachedAsync();
        await File.WriteAllTextAsync(Path.Combine(kept.Wanted, "etc/motd"), "another", Cancel);
        var image = await kept.ImageAsync("ignore /filler");
        var filler = Path.Combine(kept.Root, "filler");
        await Command.TryAsync("bash", ["-c", $"cat /dev/zero > '{filler}'; sync -f '{filler}'; while head -c 1024 /dev/zero >> '{filler}'; do :; done"], Cancel);

        // Neither the order nor a drift can be written down, and what needs no room is put right all the same.
        kept.Server.Require(image.Digest);
        await Command.RunAsync("chmod", "777", Path.Combine(kept.Root, "etc/shadow"));
        await kept.Server.WaitForAsync(server => server.Drifts.Any(drift => drift is { Outcome: "restored" } && drift.Path.ToString() == "/etc/shadow"), Cancel);
        await kept.Server.WaitForAsync(server => server.Seen.Conditions.Any(condition => condition.Code == "disk.full"), Cancel);
        await kept.Agent.KillAsync();
        kept.Agent.Start();
        await kept.Server.WaitForAsync(server => server.Greetings > 1, Cancel);
        Assert.False(kept.Agent.HasExited, kept.Agent.Said);

        File.Delete(filler);
        await kept.Server.WaitForStateAsync(MachineState.InSync, Cancel);
        await kept.Server.WaitForAsync(server => server.Seen.Conditions.All(condition => condition.Code != "disk.full"), Cancel);
        await kept.AssertLikeWantedAsync("with room again");
    }

    [Fact]
    [Requirement("DM-009")]
    public async Task What_is_damaged_or_cut_on_the_way_is_fetched_again()
    {
        await using var disk = await TestDisk.StartAsync(200, Cancel);
        await using var kept = await KeptMachine.StartAsync(disk);
        var damaged = new HashSet<ObjectReference>();
        kept.Server.CutAfterObjects = 3;
        kept.Server.Tamper = (reference, content) =>
        {
            if (!damaged.Add(reference))
            {
                return content;
            }

            var other = content.ToArray();
            other[other.Length / 2] ^= 1;
            return other;
        };

        await kept.PlainImageAsync();

        await kept.AssertLikeWantedAsync("after damage and cuts");
        Assert.True(damaged.Count > 5);
    }

    [Fact]
    public async Task A_damaged_cache_is_noticed_and_not_believed()
    {
        await using var disk = await TestDisk.StartAsync(200, Cancel);
        await using var kept = await KeptMachine.StartAsync(disk);
        await kept.PlainImageAsync();
        await kept.UntilCachedAsync();
        await kept.Agent.KillAsync();
        foreach (var file in Directory.GetFiles(Path.Combine(kept.State, "cache"), "*-*", SearchOption.AllDirectories))
        {
            var bytes = await File.ReadAllBytesAsync(file, Cancel);
            bytes[^1] ^= 0x40;
            await File.WriteAllBytesAsync(file, bytes, Cancel);
        }

        await Command.RunAsync("bash", "-c", $"cd '{kept.Root}' && rm -rf usr && for name in motd shadow hosts fstab passwd; do echo changed > etc/$name; done");
        var before = kept.Server.Questions;
        kept.Agent.Start();

        await kept.UntilLikeWantedAsync();
        Assert.InRange(kept.Server.Questions - before, 1, 8);
        Assert.Contains("was damaged and has been dropped", kept.Agent.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_survives_a_server_that_goes_and_comes_back()
    {
        await using var disk = await TestDisk.StartAsync(200, Cancel);
        await using var kept = await KeptMachine.StartAsync(disk);
        await kept.PlainImageAsync();
        for (var round = 0; round < 3; round++)
        {
            await kept.Server.StopAsync();
            await File.WriteAllTextAsync(Path.Combine(kept.Wanted, "etc/round"), $"{round}", Cancel);
            await kept.Server.RestartAsync();
            await kept.RequireWantedAsync();
            await kept.AssertLikeWantedAsync($"round {round}");
        }
    }

    [Fact]
    public async Task A_file_that_may_not_be_changed_is_repaired_all_the_same()
    {
        await using var disk = await TestDisk.StartAsync(200, Cancel);
        await using var kept = await KeptMachine.StartAsync(disk);
        await kept.PlainImageAsync();

        await Command.RunAsync("bash", "-c", $"cd '{kept.Root}' && echo changed > etc/motd.new && chattr +i etc/motd.new; mv etc/hosts etc/gone; chattr +i etc");

        await kept.UntilLikeWantedAsync();
    }

    [Fact]
    public async Task An_order_with_an_unknown_step_is_refused_by_name()
    {
        await using var disk = await TestDisk.StartAsync(200, Cancel);
        await using var kept = await KeptMachine.StartAsync(disk);
        await kept.PlainImageAsync();

        kept.Server.Give(new Protocol.Agent.Order(kept.Server.Installation, 1, 50, [new Protocol.Agent.OrderStep("levitate", null, null, null)]));

        await kept.Server.WaitForAsync(server => server.Seen.State == MachineState.Refused, Cancel);
        Assert.Contains(kept.Server.Seen.Conditions, condition => condition.Code == "order.unknown-step" && condition.Text.Contains("levitate", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("join.token-unknown")]
    [InlineData("join.token-used")]
    [InlineData("join.token-expired")]
    public async Task A_token_that_is_no_good_is_said_so(string code)
    {
        await using var server = await ProtocolServer.StartAsync();
        server.RefuseJoin = code;
        using var state = new TemporaryFolder();

        var result = await AgentProcess.JoinAsync(server, state.Path);

        Assert.Equal(3, result.ExitCode);
        Assert.Contains(code, result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(state.Under("identity", "identity.json")));
    }

    [Fact]
    public async Task A_server_with_another_key_is_refused_and_both_pins_are_shown()
    {
        await using var server = await ProtocolServer.StartAsync();
        using var state = new TemporaryFolder();
        var other = "sha256//" + Convert.ToBase64String(new byte[32]);

        var result = await AgentProcess.JoinAsync(server, state.Path, other);

        Assert.Equal(3, result.ExitCode);
        Assert.Contains(server.Pin, result.Error, StringComparison.Ordinal);
        Assert.Contains(other, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_said_so()
    {
        await using var server = await ProtocolServer.StartAsync();
        using var state = new TemporaryFolder();
        await server.StopAsync();

        var result = await AgentProcess.JoinAsync(server, state.Path);

        Assert.Equal(75, result.ExitCode);
        Assert.Contains(server.Address, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_agent_on_the_same_state_ends_at_once()
    {
        await using var disk = await TestDisk.StartAsync(100, Cancel);
        await using var kept = await KeptMachine.StartAsync(disk);
        await kept.PlainImageAsync();

        await using var second = new AgentProcess(disk.Enter, kept.RootInside, kept.State);
        second.Start();

        Assert.Equal(5, await second.ExitAsync(Cancel));
    }

    [Fact]
    public async Task A_state_folder_that_cannot_be_written_is_said_so()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.Under("file"), "", Cancel);
        await using var server = await ProtocolServer.StartAsync();

        var result = await AgentProcess.JoinAsync(server, folder.Under("file"));

        Assert.Equal(3, result.ExitCode);
        Assert.Contains(folder.Under("file"), result.Error, StringComparison.Ordinal);
    }
}
