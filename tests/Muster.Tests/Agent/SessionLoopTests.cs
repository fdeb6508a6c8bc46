using Muster.Agent;
using Muster.Agent.Identity;
using Muster.Agent.Session;
using Muster.Agent.Simulating;
using Muster.Files;
using Muster.Protocol.Machines;
using Muster.Testing;
using Muster.Testing.Agents;

namespace Muster.Tests.Agent;

public sealed class SessionLoopTests
{
    private static readonly MachineFacts Facts = new("m", "Linux", "6", "x64", 1, 1, "ext4", Events: true, Culprits: true, [], 0, 0);

    private readonly MovableTime time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_a_new_certificate_the_session_is_begun_anew_at_once()
    {
        await using var server = await ProtocolServer.StartAsync();
        var clock = new AgentClock(time, DateTimeOffset.UnixEpoch);
        using var link = await SimulatedLink.JoinAsync(server.Address, [server.Pin], "token", "m", clock, Cancel);
        var conditions = new Conditions(clock);
        var report = new MachineReport();
        var orders = new OrderBook(null, link.Identity);
        var loop = new SessionLoop(
            stop => link.ConnectAsync(conditions, stop), new SessionLink(() => Facts, clock.Heard), orders, new Reporter(report, new DriftLog(null), time), report, conditions, clock, AgentLog.Silent);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var running = loop.RunAsync(stop.Token);
        await server.WaitForAsync(one => one.Greetings == 1 && one.Reports.Count > 0, Cancel);

        loop.BeginAnew();

        await server.WaitForAsync(one => one.Greetings == 2, Cancel);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task A_certificate_that_ended_long_ago_renews_and_that_is_told()
    {
        await using var server = await ProtocolServer.StartAsync();
        using var folder = new TemporaryFolder();
        using var state = Linux.OpenRoot(folder.Path);
        using var store = new IdentityStore(state);
        using var pinned = ServerConnection.Pinned(server.Address, [server.Pin]);
        var identity = await JoinCommand.JoinAsync(pinned, server.Address, "token", store, new AgentOptions(), Cancel);
        using var certificate = store.LoadCertificate();
        var clock = new AgentClock(time, DateTimeOffset.UnixEpoch);
        using var connection = ServerConnection.Mutual(identity, certificate, new AgentClock(TimeProvider.System, DateTimeOffset.UnixEpoch));
        var conditions = new Conditions(clock);
        var renewal = new Renewal(store, conditions, clock, AgentLog.Silent);

        Assert.False(await renewal.RenewIfDueAsync(connection, certificate, Cancel));
        time.Advance(TimeSpan.FromDays(60));
        Assert.True(await renewal.RenewIfDueAsync(connection, certificate, Cancel));
        Assert.Empty(conditions.All);

        time.Advance(TimeSpan.FromDays(60));
        Assert.True(await renewal.RenewIfDueAsync(connection, certificate, Cancel));
        Assert.True(conditions.Has("certificate.lapsed"));
    }
}
