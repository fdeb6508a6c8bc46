using Muster.Protocol.Machines;
using Muster.Testing;
using Muster.Testing.Agents;

namespace Muster.PeerTests.Agent;

public sealed class ConvergeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Random_nasty_trees_converge_exactly()
    {
        await using var disk = await TestDisk.StartAsync(400, Cancel);
        await using var kept = await KeptMachine.StartAsync(disk);
        for (var round = 0; round < Series.Rounds(40, 4); round++)
        {
            var random = Series.Random(round);
            var image = await kept.NastyImageAsync(random, 150);
            await kept.DamageAsync(random, 60);

            kept.Server.Require(image.Digest);
            await kept.Server.WaitForStateAsync(MachineState.InSync, Cancel);

            Assert.Equal(image.Tree.Digest, kept.Server.Seen.Tree);
            await kept.AssertLikeWantedAsync($"seed {Series.Seed}, round {round}");
        }
    }
}
