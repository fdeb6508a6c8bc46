using Muster.Core.Trees;
using Muster.Protocol.Machines;
using Muster.Testing;

namespace Muster.Tests.Agent;

public sealed class KeeperTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_clock_that_is_set_back_by_months_stops_nothing()
    {
        await using var machine = await KeptInMemory.StartAsync();
        var image = await machine.LikeAsync(("etc/motd", "hello"));

        machine.Time.Step(TimeSpan.FromDays(-120));
        machine.Chmod("/etc/motd", 0x1FF);
        await machine.UntilAsync(() => machine.Tree.Now.Digest == image.Tree.Digest);

        // What no event told is found when the hour is over, whatever the clock says.
        machine.Chmod("/etc/motd", 0x1FF, isTold: false);
        await machine.UntilAsync(() => machine.Tree.Now.Digest == image.Tree.Digest, moving: TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_machine_whose_clock_stands_at_1970_joins_and_is_kept()
    {
        await using var machine = await KeptInMemory.StartAsync(time => time.Step(DateTimeOffset.UnixEpoch - time.GetUtcNow()));

        await machine.LikeAsync(("etc/motd", "hello"));

        await machine.UntilAsync(() => machine.Server.Seen.Conditions.Any(condition => condition.Code == "clock.behind" && condition.Since.Year > 2000), Moment);
    }

    [Fact]
    public async Task The_old_image_is_kept_until_the_new_one_is_here_also_by_an_agent_that_is_started_again()
    {
        await using var machine = await KeptInMemory.StartAsync();
        var old = await machine.LikeAsync(("etc/motd", "hello"), ("etc/hosts", "127.0.0.1"));
        var image = await machine.ImageAsync(("etc/motd", "another"), ("etc/new", "new"));
        machine.Server.Withhold = true;
        machine.Server.Require(image.Digest);
        await machine.UntilAsync(() => machine.Report.Now is { Order: 2, State: MachineState.Failed }, Moment);

        machine.Chmod("/etc/hosts", 0x1FF);
        await machine.UntilAsync(() => machine.Tree.Now.Digest == old.Tree.Digest);

        await machine.Server.StopAsync();
        await machine.StopAsync();
        machine.Chmod("/etc/hosts", 0x1FF, isTold: false);
        machine.Start();
        await machine.UntilAsync(() => machine.Tree.Now.Digest == old.Tree.Digest);
        Assert.NotEqual(MachineState.InSync, machine.Report.Now.State);

        machine.Server.Withhold = false;
        await machine.Server.RestartAsync();
        await machine.UntilAsync(() => machine.Report.Now.State == MachineState.InSync && machine.Tree.Now.Digest == image.Tree.Digest, Moment);
    }

    [Fact]
    public async Task A_new_order_of_mode_monitor_stops_repairs_at_once()
    {
        await using var machine = await KeptInMemory.StartAsync();
        await machine.LikeAsync(("etc/motd", "hello"));
        var image = await machine.ImageAsync(("etc/motd", "another"));
        machine.Server.Withhold = true;
        machine.Server.Require(image.Digest, MachineMode.Monitor);
        await machine.UntilAsync(() => machine.Report.Now.Order == 2, Moment);

        machine.Chmod("/etc/motd", 0x1FF);

        await machine.UntilAsync(() => machine.Server.Drifts.Any(drift => drift.Outcome == "reported"), Moment);
        Assert.Equal(0x1FF, machine.Tree.Now.Find(TreePath.FromText("/etc/motd"))!.Mode);
    }

    [Fact]
    public async Task An_update_that_had_to_be_tried_again_is_no_drift_and_its_figures_are_told()
    {
        await using var machine = await KeptInMemory.StartAsync();
        await machine.LikeAsync(("etc/motd", "hello"));
        var image = await machine.ImageAsync(("etc/motd", "another"));
        machine.Tree.FailNext = new Core.Problems.ProblemException(Core.Problems.ProblemKind.Unavailable, "file.busy", "the tree was busy");

        machine.Server.Require(image.Digest);

        await machine.UntilAsync(() => machine.Report.Now is { State: MachineState.InSync, Update.Order: 2 } && machine.Tree.Now.Digest == image.Tree.Digest, Moment);
        await machine.UntilAsync(() => machine.Server.Reports.Any(report => report.Update?.Order == 2), Moment);

        // Drifts are told in their order, so after the next one nothing is still on its way.
        machine.Chmod("/etc/motd", 0x1FF);
        await machine.UntilAsync(() => machine.Server.Drifts.Any(drift => drift.FoundBy == "event"), Moment);
        Assert.Single(machine.Server.Drifts);
    }

    [Fact]
    public async Task What_was_moved_while_it_was_repaired_is_not_called_in_sync()
    {
        await using var machine = await KeptInMemory.StartAsync();
        var image = await machine.LikeAsync(("etc/motd", "hello"));
        machine.Tree.SkipNext = 2;

        machine.Chmod("/etc/motd", 0x1FF);

        await machine.UntilAsync(() => machine.Tree.Now.Digest == image.Tree.Digest);
        Assert.Equal(0, machine.Tree.SkipNext);
    }

    [Fact]
    public async Task A_path_at_war_is_left_alone_told_as_drifted_and_restored_when_it_is_quiet()
    {
        await using var machine = await KeptInMemory.StartAsync();
        var image = await machine.LikeAsync(("etc/motd", "hello"), ("etc/hosts", "127.0.0.1"));
        for (var round = 0; round < 6; round++)
        {
            machine.Chmod("/etc/motd", 0x1FF);
            await machine.UntilAsync(() => machine.Tree.Now.Digest == image.Tree.Digest);
        }

        machine.Chmod("/etc/motd", 0x1FF);
        await machine.UntilAsync(() => machine.Report.Now.State == MachineState.Drifted, Moment);
        Assert.Equal(0x1FF, machine.Tree.Now.Find(TreePath.FromText("/etc/motd"))!.Mode);
        Assert.Contains(machine.Report.Now.Conditions!, condition => condition.Code == "drift.war" && condition.Text.Contains("/etc/motd", StringComparison.Ordinal) && condition.Text.Contains("vi (pid 1234, alice)", StringComparison.Ordinal));

        machine.Chmod("/etc/hosts", 0x1FF);
        await machine.UntilAsync(() => machine.Tree.Now.Find(TreePath.FromText("/etc/hosts"))!.Mode != 0x1FF);

        await machine.UntilAsync(() => machine.Tree.Now.Digest == image.Tree.Digest && machine.Report.Now.State == MachineState.InSync, Moment);
        await machine.UntilAsync(() => machine.Report.Now.Conditions!.All(condition => condition.Code != "drift.war"), Moment);
    }

    [Fact]
    public async Task Without_events_drift_is_found_within_a_minute_or_two()
    {
        await using var machine = await KeptInMemory.StartAsync();
        var image = await machine.LikeAsync(("etc/motd", "hello"));
        machine.Tree.EndEvents();
        await machine.UntilAsync(() => machine.Report.Now.Conditions?.Any(condition => condition.Code == "events.unsupported") == true);
        machine.Chmod("/etc/motd", 0x1FF, isTold: false);
        var from = machine.Clock.Running;

        await machine.UntilAsync(() => machine.Tree.Now.Digest == image.Tree.Digest, Moment);

        Assert.InRange(machine.Clock.Running - from, TimeSpan.Zero, TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task A_server_that_refuses_every_report_is_asked_less_and_less()
    {
        await using var machine = await KeptInMemory.StartAsync();
        machine.Server.RefuseReports = (400, "report.invalid", null);
        await machine.UntilAsync(() => machine.Server.Greetings >= 3, Moment);
        var (greetings, from) = (machine.Server.Greetings, machine.Clock.Running);

        await machine.UntilAsync(() => machine.Server.Greetings >= greetings + 6, Moment);

        Assert.True(machine.Clock.Running - from > TimeSpan.FromSeconds(15), $"{machine.Clock.Running - from}");
    }

    [Fact]
    public async Task A_server_that_is_asked_too_often_keeps_its_session()
    {
        await using var machine = await KeptInMemory.StartAsync();
        machine.Server.RefuseReports = (429, "reports.rate", TimeSpan.FromSeconds(7));
        await machine.UntilAsync(() => machine.Server.Refusals >= 3, Moment);

        machine.Server.RefuseReports = null;
        await machine.UntilAsync(() => machine.Server.Reports.Count > 0, Moment);

        Assert.Equal(1, machine.Server.Greetings);
    }
}
