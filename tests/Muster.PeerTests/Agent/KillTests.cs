using System.Diagnostics;
using Muster.Protocol.Machines;
using Muster.Testing;
using Muster.Testing.Agents;

namespace Muster.PeerTests.Agent;

public sealed class KillTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_update_killed_at_any_point_ends_exactly_at_the_wanted_tree()
    {
        await using var disk = await TestDisk.StartAsync(600, Cancel);
        await using var kept = await KeptMachine.StartAsync(disk);
        await ConvergeAsync(kept, Series.Random(-1));
        var length = TimeSpan.FromSeconds(1);
        for (var round = 0; round < Series.Rounds(100, 6); round++)
        {
            var random = Series.Random(round);
            var image = await kept.NastyImageAsync(random, 120);
            var from = Stopwatch.StartNew();
            kept.Server.Require(image.Digest);

            // Anywhere from the order's arrival to a little after the update's usual end.
            using (var moment = new PeriodicTimer(TimeSpan.FromMilliseconds(1 + (random.NextDouble() * length.TotalMilliseconds * 1.2))))
            {
                await moment.WaitForNextTickAsync(Cancel);
            }

            await kept.Agent.KillAsync();
            kept.Agent.Start();
            await kept.Server.WaitForStateAsync(MachineState.InSync, Cancel);
            length = length * 0.7 + (from.Elapsed * 0.15);

            Assert.Equal(image.Tree.Digest, kept.Server.Seen.Tree);
            await kept.AssertLikeWantedAsync($"seed {Series.Seed}, round {round}");
            await UntilStageIsEmptyAsync(kept, $"seed {Series.Seed}, round {round}");
        }
    }

    [Fact]
    public async Task An_update_killed_while_it_changes_the_tree_is_finished_at_the_next_start()
    {
        await using var disk = await TestDisk.StartAsync(600, Cancel);
        await using var kept = await KeptMachine.StartAsync(disk);
        var journal = Path.Combine(kept.State, "journal");
        await ConvergeAsync(kept, Series.Random(-1));

        // It takes milliseconds, and a kill that comes too late proves nothing: then once more.
        for (var round = 0; !kept.Agent.Said.Contains("finished an update that was interrupted", StringComparison.Ordinal); round++)
        {
            Assert.True(round < 50, "no kill came between commit and done");
            var image = await kept.NastyImageAsync(Series.Random(round), 300);
            kept.Server.Require(image.Digest);
            while (!File.Exists(journal) && kept.Server.Seen.Tree != image.Tree.Digest)
            {
                Cancel.ThrowIfCancellationRequested();
            }

            await kept.Agent.KillAsync();
            kept.Agent.Start();
            await kept.Server.WaitForStateAsync(MachineState.InSync, Cancel);
            await kept.AssertLikeWantedAsync($"seed {Series.Seed}, round {round}");
        }
    }

    private static async Task ConvergeAsync(KeptMachine kept, Random random)
    {
        var image = await kept.NastyImageAsync(random, 120);
        kept.Server.Require(image.Digest);
        await kept.Server.WaitForStateAsync(MachineState.InSync, Cancel);
    }

    // A machine that is in sync may be putting right what changed since; what an update left behind would stay.
    private static async Task UntilStageIsEmptyAsync(KeptMachine kept, string when)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        string[] left = [];
        for (var turn = 0; turn < 200; turn++)
        {
            left = Directory.GetFileSystemEntries(Path.Combine(kept.Root, ".muster-agent/stage"));
            if (left.Length == 0)
            {
                return;
            }

            await again.WaitForNextTickAsync(Cancel);
        }

        Assert.Fail($"{when}: left in the stage: {string.Join(", ", left)}\n{kept.Agent.Said}");
    }
}
