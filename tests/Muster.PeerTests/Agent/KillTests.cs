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
            using (var moment = new PeriodicTimer(TimeSpan.FromMilliseconds(0.01 + (random.NextDouble() * length.TotalMilliseconds * 1.2))))
            {
                await moment.WaitForNextTickAsync(Cancel);
            }

            await kept.Agent.KillAsync();
            kept.Agent.Start();
            await kept.Server.WaitForStateAsync(MachineState.InSync, Cancel);
            length = length * 0.7 + (from.Elapsed * 0.15);

            Assert.Equal(image.Tree.Digest, kept.Server.Seen.Tree);
            await kept.AssertLikeWantedAsync($"seed {Series.Seed}, round {round}");
            Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(kept.Root, ".muster-agent/stage")));
        }
    }

    private static async Task ConvergeAsync(KeptMachine kept, Random random)
    {
        var image = await kept.NastyImageAsync(random, 120);
        kept.Server.Require(image.Digest);
        await kept.Server.WaitForStateAsync(MachineState.InSync, Cancel);
    }
}
