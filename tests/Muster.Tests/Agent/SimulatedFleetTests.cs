using Muster.Agent.Simulating;
using Muster.Protocol.Machines;
using Muster.Protocol.Operations;
using Muster.Testing;
using Muster.Tests.Machines;
using Muster.Tests.Objects;

namespace Muster.Tests.Agent;

/// <summary>The agent's own code, many times, against the real server.</summary>
public sealed class SimulatedFleetTests : FleetTest
{
    [Fact]
    public async Task Simulated_machines_join_and_become_like_their_image_and_report_drift()
    {
        const int count = 12;
        await AddImageAsync("web/1", SmallImage.With("welcome"));
        var invitation = await PaperAgent.InviteAsync(Admin, new InviteMachine(Uses: count));
        using var folder = new TemporaryFolder();
        using var state = Muster.Files.Linux.OpenRoot(folder.Path);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var fleet = new SimulatedFleet(Server.BaseAddress.ToString(), invitation.Pins, invitation.Token.Reveal(), state, TimeSpan.FromSeconds(1), TimeProvider.System);
        var running = fleet.RunAsync(count, null, stop.Token);

        var machines = await UntilAsync(running, list => list.Count == count && list.All(machine => machine.Link == MachineLink.Connected));
        foreach (var machine in machines)
        {
            await PostAsync<MachineSummary>("machines/require-image", new RequireImage(machine.Name, "web/1"));
        }

        await UntilAsync(running, list => list.All(machine => machine.State == MachineState.InSync));
        var drift = await UntilAsync<DriftDetails>(running, "machines/drift?limit=10", list => list.Count > 0);

        Assert.Equal(("restored", "alice"), (drift[0].Outcome, drift[0].Culprit!.Login));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private Task<IReadOnlyList<MachineSummary>> UntilAsync(Task running, Func<IReadOnlyList<MachineSummary>, bool> good) =>
        UntilAsync(running, "machines/list?limit=100", good);

    private async Task<IReadOnlyList<T>> UntilAsync<T>(Task running, string list, Func<IReadOnlyList<T>, bool> good)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            if (running.IsCompleted)
            {
                await running;
                Assert.Fail("the machines ended");
            }

            var seen = await GetAsync<Listing<T>>(list);
            if (good(seen.Items))
            {
                return seen.Items;
            }

            await again.WaitForNextTickAsync(Cancellation);
        }
    }
}
