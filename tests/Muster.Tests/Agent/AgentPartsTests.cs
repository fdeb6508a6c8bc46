using Muster.Agent;
using Muster.Agent.Identity;
using Muster.Agent.Scanning;
using Muster.Core.Problems;
using Muster.Testing;

namespace Muster.Tests.Agent;

public sealed class AgentPartsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void File_systems_mounted_below_a_root_are_found_and_those_without_files_of_their_own_are_not()
    {
        string[] lines =
        [
            "21 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw",
            "22 21 0:5 / /proc rw - proc proc rw",
            "23 21 8:2 / /var rw shared:2 master:1 - ext4 /dev/sda2 rw",
            @"24 21 8:3 / /srv/with\040blank rw - xfs /dev/sda3 rw",
            "25 21 0:40 / /home rw - nfs4 server:/home rw",
            "26 21 0:41 / /variant rw - tmpfs tmpfs rw",
        ];

        Assert.Equal(["/var", "/srv/with blank", "/home"], Mounts.Read(lines, "/", new HashSet<string> { "proc", "tmpfs" }).Select(path => path.ToString()));
        Assert.Equal(["/with blank"], Mounts.Read(lines, "/srv", new HashSet<string> { "proc", "tmpfs" }).Select(path => path.ToString()));
    }

    [Fact]
    public async Task When_one_of_several_loops_fails_the_others_stop_and_its_failure_is_told()
    {
        var stopped = false;
        var problem = await Assert.ThrowsAsync<InvalidOperationException>(() => Together.RunAsync([WaitAsync, FailAsync], Cancel));

        Assert.Equal("broken", problem.Message);
        Assert.True(stopped);

        async Task WaitAsync(CancellationToken cancellationToken)
        {
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            }
            finally
            {
                stopped = true;
            }
        }

        async Task FailAsync(CancellationToken cancellationToken)
        {
            await Task.Yield();
            throw new InvalidOperationException("broken");
        }
    }

    [Fact]
    public void A_full_disk_is_one_condition_until_everyone_who_met_it_has_got_over_it()
    {
        var conditions = new Conditions(new AgentClock(new MovableTime(), DateTimeOffset.UnixEpoch));
        var full = new ProblemException(ProblemKind.Full, "file.full", "no room");
        conditions.RaiseFor(full, "apply.failed", "", "");
        conditions.RaiseFor(full, "order.not-kept", "", "");

        conditions.Clear("apply.failed");
        Assert.Equal(["disk.full"], conditions.All.Select(one => one.Code));

        conditions.Clear("order.not-kept");
        Assert.Empty(conditions.All);
    }

    [Fact]
    public void What_the_disk_refused_is_tried_again_until_it_succeeds()
    {
        var conditions = new Conditions(new AgentClock(new MovableTime(), DateTimeOffset.UnixEpoch));
        var effort = new BestEffort(conditions);
        var (tries, hasRoom) = (0, false);

        effort.Try("drifts", Write);
        effort.TryAgain();
        Assert.True(effort.HasUndone && conditions.Has("disk.full"));

        hasRoom = true;
        effort.TryAgain();
        Assert.False(effort.HasUndone || conditions.Has("disk.full"));
        Assert.Equal(3, tries);

        void Write()
        {
            tries++;
            if (!hasRoom)
            {
                throw new ProblemException(ProblemKind.Full, "file.full", "no room");
            }
        }
    }
}
