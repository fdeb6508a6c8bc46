using Muster.Protocol.Machines;
using Muster.Testing;
using Muster.Tests.Machines;
using Muster.Tests.Objects;

namespace Muster.Tests.Cli;

/// <summary>Waiting for a machine: it ends when there is nothing to wait for any more, and not before.</summary>
public sealed class WaitTests : FleetTest
{
    [Fact]
    public async Task A_machine_of_which_nothing_is_wanted_is_not_waited_for()
    {
        using var agent = await PaperAgent.JoinAsync(Server, Admin);
        using var muster = await SignedInAsync(new MovableTime());

        var seen = await muster.RunAsync("machines", "edit", "web-1", "--mode", "monitor", "--yes", "--wait");

        Assert.Equal(0, seen.ExitCode);
        Assert.Contains("nothing is wanted of it", seen.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_that_never_answers_is_waited_for_as_long_as_was_said()
    {
        using var agent = await PaperAgent.JoinAsync(Server, Admin);
        await AddImageAsync("web/1", SmallImage.With("welcome"));
        var time = new MovableTime();
        using var muster = await SignedInAsync(time);

        await using var waiting = muster.Follow("machines", "require-image", "web-1", "web/1", "--yes", "--wait", "--timeout", "60");
        await MoveUntilAsync(time, waiting.Ended);

        var seen = await waiting.Ended;
        Assert.Equal(1, seen.ExitCode);
        Assert.Contains("gave up after 60 s: web-1 is reconnecting; waiting for it", seen.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_goes_away_does_not_end_the_waiting()
    {
        using var agent = await PaperAgent.JoinAsync(Server, Admin);
        await AddImageAsync("web/1", SmallImage.With("welcome"));
        var time = new MovableTime();
        using var muster = await SignedInAsync(time);
        await using var waiting = muster.Follow("machines", "require-image", "web-1", "web/1", "--yes", "--wait");
        await waiting.NotesAsync("waiting for it").WaitAsync(Cancellation);

        await Server.StopAsync();
        await MoveUntilAsync(time, waiting.NotesAsync("asking again"));

        Assert.False(waiting.Ended.IsCompleted);
    }

    [Fact]
    public async Task A_number_of_seconds_that_is_none_is_refused_before_anything_changes()
    {
        using var agent = await PaperAgent.JoinAsync(Server, Admin);
        using var muster = await SignedInAsync(new MovableTime());
        var seen = await muster.RunAsync("machines", "edit", "web-1", "--mode", "monitor", "--yes", "--wait", "--timeout", "0");
        Assert.Equal(2, seen.ExitCode);
        Assert.Contains("--timeout:", seen.Error, StringComparison.Ordinal);
        Assert.Equal(MachineMode.Image, (await ShowAsync(agent)).Wanted.Mode);
    }

    private static async Task MoveUntilAsync(MovableTime time, Task done)
    {
        while (!done.IsCompleted)
        {
            Cancellation.ThrowIfCancellationRequested();
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await done;
    }

    private async Task<CommandLine> SignedInAsync(TimeProvider time)
    {
        var muster = new CommandLine { Time = time };
        var seen = await muster.RunAsync("login", Server.Address(), "--trust-first", "--user", "admin", "--password-file", muster.Write("password", MusterServer.AdminPassword));
        Assert.Equal(0, seen.ExitCode);
        return muster;
    }
}
