using Muster.Agent.Simulating;
using Muster.Protocol.Machines;
using Muster.Protocol.Operations;
using Muster.Testing;
using Muster.Testing.Agents;
using Muster.Tests.Machines;
using Muster.Tests.Objects;

namespace Muster.Tests.Agent;

/// <summary>The agent and the real server with a network between them that does what networks do.</summary>
public sealed class LinkTests : FleetTest
{
    [Fact]
    public async Task A_session_survives_a_cut_network_and_loses_no_order()
    {
        await using var link = new CuttableLink(Server.Port);
        await using var machine = await RunAsync(link, new MovableTime());
        await AddImageAsync("web/1", SmallImage.With("welcome"));
        link.IsDown = true;
        link.Cut();
        await machine.UntilAsync(one => one.Link == MachineLink.Reconnecting);

        await PostAsync<MachineSummary>("machines/require-image", new RequireImage(machine.Name, "web/1"));
        link.IsDown = false;

        await machine.UntilAsync(one => one is { Link: MachineLink.Connected, State: MachineState.InSync });
    }

    [Fact]
    public async Task A_connection_that_fell_silent_is_given_up_after_a_minute_and_made_anew()
    {
        await using var link = new CuttableLink(Server.Port);
        await using var machine = await RunAsync(link, new MovableTime());
        await AddImageAsync("web/1", SmallImage.With("welcome"));
        var from = machine.Time.GetUtcNow();
        link.FallSilent();

        await PostAsync<MachineSummary>("machines/require-image", new RequireImage(machine.Name, "web/1"));

        await machine.UntilAsync(one => one is { Link: MachineLink.Connected, State: MachineState.InSync });
        // Its time runs ahead of what a busy computer does meanwhile, so the other end is far away.
        Assert.InRange(machine.Time.GetUtcNow() - from, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(20));
    }

    private async Task<OneMachine> RunAsync(CuttableLink link, MovableTime time)
    {
        var invitation = await PaperAgent.InviteAsync(Admin, new InviteMachine());
        var machine = new OneMachine(this, $"https://localhost:{link.Port}", invitation, time);
        await machine.UntilAsync(one => one.Link == MachineLink.Connected);
        return machine;
    }

    /// <summary>A simulated machine that reaches the server only over the link. Its time goes by while the test waits.</summary>
    private sealed class OneMachine : IAsyncDisposable
    {
        private readonly LinkTests test;
        private readonly TemporaryFolder folder = new();
        private readonly Microsoft.Win32.SafeHandles.SafeFileHandle state;
        private readonly CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        private readonly Task running;

        public OneMachine(LinkTests test, string address, Invitation invitation, MovableTime time)
        {
            this.test = test;
            Time = time;
            state = Muster.Files.Linux.OpenRoot(folder.Path);
            running = new SimulatedFleet(address, invitation.Pins, invitation.Token.Reveal(), state, null, time).RunAsync(1, null, stop.Token);
        }

        public MovableTime Time { get; }

        public string Name { get; private set; } = "";

        public async Task UntilAsync(Func<MachineSummary, bool> good)
        {
            // Ten times as fast as the real one: quicker, and a machine on a busy computer would not get to say a word between two minutes of silence.
            using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            while (true)
            {
                Assert.False(running.IsCompleted, $"the machine ended: {running.Exception}");
                var list = await test.GetAsync<Listing<MachineSummary>>("machines/list?limit=10");
                if (list.Items is [var one] && good(one))
                {
                    Name = one.Name;
                    return;
                }

                await again.WaitForNextTickAsync(Cancellation);
                Time.Advance(TimeSpan.FromMilliseconds(200));
            }
        }

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stop.Dispose();
            state.Dispose();
            folder.Dispose();
        }
    }
}
