using System.Text;
using Muster.Agent.Enforcing;
using Muster.Agent.Identity;
using Muster.Agent.Session;
using Muster.Core.Ids;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Protocol.Agent;
using Muster.Protocol.Machines;
using Muster.Testing;

namespace Muster.Tests.Agent;

public sealed class SessionPartsTests
{
    private static readonly InstallationId Here = InstallationId.New(TimeProvider.System);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_are_read_whole_however_the_bytes_arrive()
    {
        using var stream = new EventStream(new Trickle(": hello\n\nevent: order\r\nid: 1.7\r\ndata: {\"a\":\ndata:  1}\n\nevent: renew\n\n"u8.ToArray()), TimeProvider.System);

        var order = await stream.NextAsync(Cancel);
        var renew = await stream.NextAsync(Cancel);

        Assert.Equal(new ServerEvent("order", "1.7", "{\"a\":\n 1}"), order);
        Assert.Equal("renew", renew!.Kind);
        Assert.Null(await stream.NextAsync(Cancel));
    }

    [Fact]
    public async Task An_event_without_end_is_refused()
    {
        var endless = Encoding.ASCII.GetBytes("data: " + new string('x', 3 << 20));
        using var stream = new EventStream(new MemoryStream(endless), TimeProvider.System);

        var problem = await Assert.ThrowsAsync<ProblemException>(() => stream.NextAsync(Cancel));

        Assert.Equal("server.event", problem.Code);
    }

    [Fact]
    public void The_answer_to_a_new_order_is_told_whole_also_where_the_state_is_the_same_again()
    {
        var tree = Digest.Of("tree"u8);
        var counts = new ReportCounts(1, 1, 1, 0, 0, 0);
        var before = new Report(3, MachineState.InSync, tree, counts, null, null, [], null, null);

        var told = Reporter.Difference(before, before with { Order = 4 }, []);

        Assert.Equal((4, MachineState.InSync, (Digest?)tree, counts), (told.Order, told.State, told.Tree, told.Counts));
        Assert.Null(Reporter.Difference(before, before, []).State);
    }

    [Fact]
    public void Orders_of_another_installation_an_older_number_or_another_epoch_are_refused()
    {
        var book = new OrderBook(null, Identity());
        Assert.True(book.Accept(Keep(5)));

        Assert.False(book.Accept(Keep(5)));
        Assert.Equal("order.old", Assert.Throws<ProblemException>(() => book.Accept(Keep(4))).Code);
        Assert.Equal("order.epoch", Assert.Throws<ProblemException>(() => book.Accept(Keep(6) with { Epoch = 2 })).Code);
        Assert.Equal("order.old", Assert.Throws<ProblemException>(() => book.Accept(Keep(6) with { Epoch = 0 })).Code);
        Assert.Equal("order.installation", Assert.Throws<ProblemException>(() => book.Accept(Keep(6) with { Installation = InstallationId.New(TimeProvider.System) })).Code);
        Assert.Equal("order.unknown-step", Assert.Throws<ProblemException>(() => book.Accept(Keep(6) with { Steps = [Keep(6).Steps[0], new OrderStep("fly", null, null, null)] })).Code);
        Assert.Equal(5, book.Number);
    }

    [Fact]
    public void An_order_is_known_after_a_restart()
    {
        using var folder = new TemporaryFolder();
        using var state = Muster.Files.Linux.OpenRoot(folder.Path);
        new OrderBook(state, Identity()).Accept(Keep(9));

        var again = new OrderBook(state, Identity());

        Assert.Equal(9, again.Number);
        Assert.Equal(Keep(9).Steps, again.Last!.Steps);
    }

    [Fact]
    public void Drifts_wait_on_disk_until_the_server_knows_them()
    {
        using var folder = new TemporaryFolder();
        using var state = Muster.Files.Linux.OpenRoot(folder.Path);
        var first = Drift("/etc/motd");
        var log = new DriftLog(state);
        log.Add([first, Drift("/etc/hosts")]);
        log.Save();

        var again = new DriftLog(state);
        Assert.Equal(2, again.Count);
        Assert.Equal(first.Id, again.Take(1)[0].Id);
        again.Sent(again.Take(10));

        Assert.Equal(0, again.Count);
        Assert.Equal(0, new DriftLog(state).Count);
    }

    [Fact]
    public void Of_more_drifts_than_can_be_kept_the_newest_stay()
    {
        var log = new DriftLog(null);
        var drifts = Enumerable.Range(0, 10_500).Select(number => Drift($"/f{number}")).ToList();

        log.Add(drifts);

        Assert.Equal(10_000, log.Count);
        Assert.Equal(drifts[500].Id, log.Take(1)[0].Id);
    }

    [Fact]
    public void A_clock_of_fifty_years_ago_is_known_to_be_wrong()
    {
        var time = new MovableTime();
        var built = time.GetUtcNow().AddYears(50);
        var clock = new AgentClock(time, built);
        Assert.Equal(built, clock.Now);

        clock.Heard(built.AddDays(30));

        Assert.True(clock.IsMachineBehind);
        Assert.True(clock.Now >= built.AddDays(30));
        clock.Heard(built.AddDays(1));
        Assert.True(clock.Now >= built.AddDays(30));
    }

    [Fact]
    public void A_war_begins_with_the_sixth_restoration_in_a_minute_and_ends_when_it_stays_quiet()
    {
        var time = new MovableTime();
        var wars = new RevertWars(new AgentClock(time, DateTimeOffset.UnixEpoch));
        var path = TreePath.FromText("/etc/motd");
        for (var round = 0; round < 5; round++)
        {
            Assert.False(wars.Restored(path));
        }

        Assert.True(wars.Restored(path));
        Assert.True(wars.IsAtWar(path));
        time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal([path], wars.Due().Restore);
        Assert.False(wars.IsAtWar(path));
        time.Advance(TimeSpan.FromSeconds(61));
        Assert.Empty(wars.Due().Restore);
        Assert.Empty(wars.All);
    }

    [Fact]
    public void A_reconnect_is_tried_at_once_and_then_less_and_less()
    {
        var backoff = new Backoff(new Random(1));

        Assert.Equal(TimeSpan.Zero, backoff.Next());
        for (var round = 0; round < 20; round++)
        {
            var most = Math.Min(30, 0.5 * Math.Pow(2, round));
            Assert.InRange(backoff.Next().TotalSeconds, most * 0.5, most * 1.5);
        }
    }

    private static MachineIdentity Identity() => new("https://localhost:1", Here, 1, MachineId.New(TimeProvider.System), "m", DateTimeOffset.UnixEpoch);

    private static Order Keep(long number) => new(Here, 1, number, [new OrderStep("keep", Digest.Of("image"u8), "image", MachineMode.Image)]);

    private static DriftReport Drift(string path) =>
        new(DriftId.New(TimeProvider.System), TreePath.FromText(path), "changed", ["content"], "restored", 1000, "event", null, DateTimeOffset.UnixEpoch);

    /// <summary>Gives one byte at a time, as a network may.</summary>
    private sealed class Trickle(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => base.ReadAsync(buffer[..1], cancellationToken);
    }
}
