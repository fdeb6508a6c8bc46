using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Muster.Agent.Watching;
using Muster.Files;
using Muster.Testing;

namespace Muster.PeerTests.Watching;

/// <summary>The kernel has one audit system for all, so these run one after the other.</summary>
[Collection("audit")]
public sealed class CulpritFinderTests : IAsyncLifetime
{
    private readonly TemporaryFolder state = new();

    // In our own mount namespace: the kernel takes a rule only for a directory that the asking process has mounted.
    private readonly TemporaryFolder tree = new();
    private SafeFileHandle? root;

    private string Path => tree.Path;

    public async ValueTask InitializeAsync()
    {
        Peer.RequireRoot();
        root = Linux.OpenRoot(Path);
        Directory.CreateDirectory($"{Path}/etc");
        await File.WriteAllTextAsync($"{Path}/etc/passwd", "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n");
    }

    public ValueTask DisposeAsync()
    {
        root?.Dispose();
        tree.Dispose();
        state.Dispose();
        return default;
    }

    [Theory]
    [InlineData("")]
    [InlineData("unshare --mount --uts --ipc --net --cgroup --")]
    public async Task A_hundred_edits_by_processes_that_are_gone_at_once_are_all_named_with_login_and_command(string container)
    {
        await using var finder = CulpritFinder.Start(root!, Path, state.Path, TimeProvider.System, out var trouble);
        Assert.True(trouble is null, trouble?.Message);
        await using var watcher = TreeWatcher.TryStart(root!, [], TimeProvider.System, finder.Notice, out _);

        // A login is what PAM does: the login id is set once and inherited, also through sudo.
        var script = $"echo 1000 > /proc/self/loginuid; for i in $(seq 100); do {container} /bin/dd if=/dev/zero of='{Path}/etc/motd' bs=1 count=$i conv=fsync status=none || exit 1; done";
        var edits = Command.RunAsync("sh", "-c", script);
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        _ = edits.ContinueWith(_ => failed.Cancel(), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        var named = new HashSet<int>();
        var unnamed = new List<string>();
        await foreach (var change in watcher!.Changes.ReadAllAsync(failed.Token))
        {
            if (!change.What.HasFlag(ChangeKinds.Written) || named.Contains(change.Process))
            {
                continue;
            }

            var culprit = await finder.FindAsync(change.Process, change.At, TestContext.Current.CancellationToken);
            if (culprit is { Process: "dd", Login: "alice", User: "root", Executable: not null } && culprit.CommandLine!.Contains("/etc/motd", StringComparison.Ordinal))
            {
                named.Add(change.Process);
            }
            else
            {
                unnamed.Add($"{change}: {culprit}");
            }

            if (named.Count + unnamed.Count == 100)
            {
                break;
            }
        }

        await edits;
        Assert.Empty(unnamed);
    }

    [Fact]
    public async Task The_root_of_a_whole_machine_is_watched_as_well()
    {
        using var machine = Linux.OpenRoot("/");
        await using var finder = CulpritFinder.Start(machine, "/", state.Path, TimeProvider.System, out var trouble);
        Assert.True(trouble is null, trouble?.Message);

        // Everything else on this computer is recorded too, and a busy one loses records for seconds: one of many is proof.
        Muster.Protocol.Machines.Culprit? culprit = null;
        for (var attempt = 0; attempt < 1000 && culprit?.Process is null; attempt++)
        {
            using var edit = Process.Start("dd", ["if=/dev/zero", $"of={Path}/etc/motd", "count=1", "status=none"]);
            await edit.WaitForExitAsync(TestContext.Current.CancellationToken);
            culprit = await finder.FindAsync(edit.Id, TimeProvider.System.GetTimestamp(), TestContext.Current.CancellationToken);
        }

        Assert.Equal("dd", culprit!.Process);
        Assert.Contains(culprit.Source, (string[])["audit", "both"]);
    }

    [Fact]
    public async Task What_is_mounted_below_the_root_makes_no_records()
    {
        using var machine = Linux.OpenRoot("/");
        await using var finder = CulpritFinder.Start(machine, "/", state.Path, TimeProvider.System, out _);
        using var elsewhere = Process.Start("dd", ["if=/dev/zero", "of=/dev/null", "count=1", "status=none"]);
        await elsewhere.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal("unknown", (await finder.FindAsync(elsewhere.Id, TimeProvider.System.GetTimestamp(), TestContext.Current.CancellationToken))!.Source);
    }

    [Fact]
    public async Task A_daemons_child_is_named_by_its_parents()
    {
        await using var finder = CulpritFinder.Start(root!, Path, state.Path, TimeProvider.System, out _);
        await using var watcher = TreeWatcher.TryStart(root!, [], TimeProvider.System, finder.Notice, out _);
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", $"/bin/dd if=/dev/zero of='{Path}/etc/motd' count=1 2>/dev/null; read _"]) { RedirectStandardInput = true })!;
        var change = await watcher!.Changes.ReadAsync(TestContext.Current.CancellationToken);
        var culprit = await finder.FindAsync(change.Process, change.At, TestContext.Current.CancellationToken);
        Assert.Equal("dd", culprit!.Process);
        Assert.Null(culprit.Login);
        Assert.Equal($"sh ({shell.Id})", culprit.Parents[0]);
        shell.StandardInput.Close();
        await shell.WaitForExitAsync();
    }

    [Fact]
    public async Task At_the_end_audit_is_as_it_was_and_our_rule_is_gone()
    {
        var before = Status();
        await using (CulpritFinder.Start(root!, Path, state.Path, TimeProvider.System, out _))
        {
            Assert.Equal(1u, Status().Enabled);
            Assert.Single(OurRules());
        }

        Assert.Empty(OurRules());
        if (NobodyElseListens())
        {
            Assert.Equal(before, Status());
        }
    }

    [Fact]
    public async Task The_rule_of_a_killed_agent_is_removed_by_the_next_one()
    {
        AuditSocket.TryOpen(listening: false, out var socket);
        using (socket)
        {
            Assert.Equal(0, socket!.Ask(AuditSocket.AddRule, AuditRule.Below(Path, null, 1, AuditRule.KeyOf(999_999_999, 5))));
            await using (CulpritFinder.Start(root!, Path, state.Path, TimeProvider.System, out _))
            {
                Assert.DoesNotContain(999_999_999, Owners());
            }

            Assert.Empty(OurRules());
        }
    }

    [Fact]
    public async Task Two_agents_of_one_kernel_leave_in_any_order_and_the_last_restores()
    {
        var before = Status();
        var other = Directory.CreateDirectory($"{Path}/other").FullName;
        var first = CulpritFinder.Start(root!, Path, state.Path, TimeProvider.System, out _);
        var second = CulpritFinder.Start(root!, other, state.Path, TimeProvider.System, out _);
        await first.DisposeAsync();
        Assert.Equal(1u, Status().Enabled);
        await second.DisposeAsync();
        Assert.Empty(OurRules());
        if (NobodyElseListens())
        {
            Assert.Equal(before, Status());
        }
    }

    [Fact]
    public async Task A_process_that_nobody_knows_stays_unknown()
    {
        await using var finder = CulpritFinder.Start(root!, Path, state.Path, TimeProvider.System, out _);
        var culprit = await finder.FindAsync(int.MaxValue, TimeProvider.System.GetTimestamp(), TestContext.Current.CancellationToken);
        Assert.Equal("unknown", culprit!.Source);
        Assert.Null(culprit.Process);
    }

    private static (uint Enabled, uint Backlog, uint Wait) Status()
    {
        AuditSocket.TryOpen(listening: false, out var socket);
        using (socket)
        {
            List<byte[]> answers = [];
            Assert.Equal(0, socket!.Ask(AuditSocket.Get, [], answers));
            return (BitConverter.ToUInt32(answers[0], 4), BitConverter.ToUInt32(answers[0], 20), BitConverter.ToUInt32(answers[0], 36));
        }
    }

    private static List<int> OurRules() => [.. Owners().Where(owner => owner == Environment.ProcessId)];

    // The agent of a machine that runs on this computer keeps audit on until it goes.
    private static bool NobodyElseListens() => Owners().Count == 0;

    private static List<int> Owners()
    {
        AuditSocket.TryOpen(listening: false, out var socket);
        using (socket)
        {
            List<byte[]> rules = [];
            Assert.Equal(0, socket!.Ask(AuditSocket.ListRules, [], rules));
            return [.. rules.Select(rule => AuditRule.Owner(rule)).OfType<(int Process, long)>().Select(owner => owner.Process)];
        }
    }
}
