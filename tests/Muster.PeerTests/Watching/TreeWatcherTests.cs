using Microsoft.Win32.SafeHandles;
using Muster.Agent.Watching;
using Muster.Core.Trees;
using Muster.Files;
using Muster.Testing;

namespace Muster.PeerTests.Watching;

public abstract class TreeWatcherContract : IAsyncLifetime
{
    private SafeFileHandle? root;
    private TreeWatcher? watcher;

    /// <summary>Brings a file system that can be watched and gives its path.</summary>
    protected abstract Task<string> MountAsync();

    protected abstract ValueTask UnmountAsync();

    private protected string Path { get; private set; } = "";

    /// <summary>How the agent opens a root: without what is mounted below it.</summary>
    private protected virtual bool WithoutMounts => false;

    public async ValueTask InitializeAsync()
    {
        Peer.RequireRoot();
        Path = await MountAsync();
        root = Linux.OpenRoot(Path);
        if (WithoutMounts)
        {
            var bare = Linux.OpenRootWithoutMounts(root);
            Assert.NotNull(bare);
            root.Dispose();
            root = bare;
        }

        Directory.CreateDirectory($"{Path}/etc/deep");
        await File.WriteAllTextAsync($"{Path}/etc/known", "known");
        watcher = TreeWatcher.TryStart(root, [TreePath.FromText("agent")], TimeProvider.System, null, out var trouble);
        Assert.True(watcher is not null, trouble?.Message);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (watcher is not null)
        {
            await watcher.DisposeAsync();
        }

        root?.Dispose();
        await UnmountAsync();
    }

    [Theory]
    [InlineData("echo x > etc/new", "etc/new", ChangeKinds.Created)]
    [InlineData("echo x >> etc/known", "etc/known", ChangeKinds.Written)]
    [InlineData("chmod 600 etc/known", "etc/known", ChangeKinds.Attributes)]
    [InlineData("setfattr -n user.a -v b etc/known", "etc/known", ChangeKinds.Attributes)]
    [InlineData("touch -d 2001-01-01 etc/known", "etc/known", ChangeKinds.Attributes)]
    [InlineData("rm etc/known", "etc/known", ChangeKinds.Deleted)]
    [InlineData("mv etc/known etc/other", "etc/known", ChangeKinds.MovedAway)]
    [InlineData("mv etc/known etc/other", "etc/other", ChangeKinds.MovedHere)]
    [InlineData("mv etc/known etc/deep/other", "etc/deep/other", ChangeKinds.MovedHere)]
    [InlineData("mkdir etc/dir", "etc/dir", ChangeKinds.Created)]
    [InlineData("chmod 700 etc/deep", "etc/deep", ChangeKinds.Attributes)]
    [InlineData("rmdir etc/deep", "etc/deep", ChangeKinds.Deleted)]
    [InlineData("ln etc/known etc/hard", "etc/hard", ChangeKinds.Created)]
    [InlineData("ln -s x etc/soft", "etc/soft", ChangeKinds.Created)]
    [InlineData("mknod etc/fifo p", "etc/fifo", ChangeKinds.Created)]
    [InlineData("truncate -s 1 etc/known", "etc/known", ChangeKinds.Written)]
    [InlineData("mv etc/deep moved; echo x > moved/file", "moved/file", ChangeKinds.Created)]
    [InlineData("echo a > etc/deep/a; mv etc/deep moved; echo x > moved/file", "moved/file", ChangeKinds.Created)]
    public async Task Every_way_to_change_a_tree_is_told(string command, string path, object what)
    {
        var done = Command.RunAsync("sh", "-c", $"cd '{Path}' && {command}");
        var change = await WaitAsync(one => one.Path == TreePath.FromText(path) && (one.What & (ChangeKinds)what) != 0);
        await done;
        Assert.NotEqual(Environment.ProcessId, change.Process);
    }

    [Fact]
    public async Task A_file_that_stays_open_is_told_too()
    {
        using var writer = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("sh", ["-c", $"exec 3>>'{Path}/etc/known'; echo more >&3; read _"]) { RedirectStandardInput = true })!;
        var change = await WaitAsync(one => one.Path == TreePath.FromText("etc/known") && (one.What & ChangeKinds.Modified) != 0);
        Assert.Equal(writer.Id, change.Process);
        writer.StandardInput.Close();
        await writer.WaitForExitAsync();
    }

    [Fact]
    public async Task Names_that_are_no_text_keep_their_bytes()
    {
        var done = Command.RunAsync("sh", "-c", $"cd '{Path}' && printf x > \"$(printf 'a\\351\\n\\001b')\"");
        var change = await WaitAsync(one => one.Name is [(byte)'a', ..]);
        await done;
        Assert.Equal([(byte)'a', 0xE9, (byte)'\n', 1, (byte)'b'], change.Name);
    }

    [Fact]
    public async Task What_we_do_ourselves_and_what_is_excluded_is_not_told()
    {
        Directory.CreateDirectory($"{Path}/agent/stage");
        await File.WriteAllTextAsync($"{Path}/ours", "ours");
        await Command.RunAsync("sh", "-c", $"cd '{Path}' && echo x > agent/stage/x && echo x > agent/y && echo end > end");
        var seen = new List<Change>();
        await WaitAsync(one =>
        {
            seen.Add(one);
            return one.Path == TreePath.FromText("end");
        });
        Assert.DoesNotContain(seen, one => one.Path != TreePath.FromText("end"));
    }

    [Fact]
    public async Task Changes_below_a_directory_that_we_moved_ourselves_have_its_new_path()
    {
        await Command.RunAsync("sh", "-c", $"echo x > '{Path}/etc/deep/a'");
        await WaitAsync(one => one.Path == TreePath.FromText("etc/deep/a"));
        Directory.Move($"{Path}/etc/deep", $"{Path}/etc/elsewhere");
        await Command.RunAsync("sh", "-c", $"echo x > '{Path}/etc/elsewhere/b'");
        await WaitAsync(one => one.Path == TreePath.FromText("etc/elsewhere/b"));
    }

    private async Task<Change> WaitAsync(Predicate<Change> wanted)
    {
        await foreach (var change in watcher!.Changes.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            if (wanted(change))
            {
                return change;
            }
        }

        throw new InvalidOperationException("the watcher ended");
    }
}

public sealed class WatchingAnExt4 : TreeWatcherContract
{
    private TestDisk? disk;

    protected override async Task<string> MountAsync()
    {
        disk = await TestDisk.StartAsync(16, TestContext.Current.CancellationToken);
        return disk.Path;
    }

    protected override ValueTask UnmountAsync() => disk?.DisposeAsync() ?? default;
}

public sealed class WatchingAnOverlay : TreeWatcherContract
{
    private TestMachine? machine;

    protected override async Task<string> MountAsync()
    {
        machine = await TestMachine.StartAsync(TestContext.Current.CancellationToken);
        return machine.Root;
    }

    protected override ValueTask UnmountAsync() => machine?.DisposeAsync() ?? default;
}

/// <summary>Mounted in our own namespace: the kernel gives a view without mounts of no other.</summary>
public sealed class WatchingAnOverlayWithoutMounts : TreeWatcherContract
{
    private TemporaryFolder? folder;

    private protected override bool WithoutMounts => true;

    protected override async Task<string> MountAsync()
    {
        folder = new TemporaryFolder();
        foreach (var name in (string[])["lower", "changes", "work", "root"])
        {
            Directory.CreateDirectory(folder.Under(name));
        }

        await Command.RunAsync("mount", "-t", "overlay", "muster-test", "-o",
            $"lowerdir={folder.Under("lower")},upperdir={folder.Under("changes")},workdir={folder.Under("work")},index=on,nfs_export=on,redirect_dir=on", folder.Under("root"));
        return folder.Under("root");
    }

    protected override async ValueTask UnmountAsync()
    {
        if (folder is not null)
        {
            await Command.RunAsync("umount", "--lazy", folder.Under("root"));
            folder.Dispose();
        }
    }
}

/// <summary>A folder of the host's own root: what happens beside it on the same file system is not told.</summary>
public sealed class WatchingAFolder : TreeWatcherContract
{
    private TemporaryFolder? folder;

    protected override Task<string> MountAsync()
    {
        folder = new TemporaryFolder();
        return Task.FromResult(folder.Path);
    }

    protected override ValueTask UnmountAsync()
    {
        folder?.Dispose();
        return default;
    }
}

public sealed class WatchingAFolderWithoutMounts : TreeWatcherContract
{
    private TemporaryFolder? folder;

    private protected override bool WithoutMounts => true;

    protected override Task<string> MountAsync()
    {
        folder = new TemporaryFolder();
        return Task.FromResult(folder.Path);
    }

    protected override ValueTask UnmountAsync()
    {
        folder?.Dispose();
        return default;
    }
}

public sealed class WatchingTooMuch
{
    [Fact]
    public async Task Changes_that_nobody_reads_in_time_become_one_wish_for_a_scan()
    {
        Peer.RequireRoot();
        using var folder = new TemporaryFolder();
        using var root = Linux.OpenRoot(folder.Path);
        await using var watcher = TreeWatcher.TryStart(root, [], TimeProvider.System, null, out _, maxUnread: 3);
        await Command.RunAsync("sh", "-c", $"cd '{folder.Path}' && for i in 1 2 3 4 5 6 7 8 9; do echo x > $i; done");
        var seen = new List<Change>();
        while (!seen.Exists(change => change.What == ChangeKinds.Lost))
        {
            seen.Add(await watcher!.Changes.ReadAsync(TestContext.Current.CancellationToken));
        }

        // And from then on changes are told again.
        await Command.RunAsync("sh", "-c", $"echo x > '{folder.Path}/after'");
        while (!(await watcher!.Changes.ReadAsync(TestContext.Current.CancellationToken)).Name.AsSpan().SequenceEqual("after"u8))
        {
        }
    }
}

public sealed class WatchingWhereItCannotBe
{
    [Fact]
    public void A_file_system_that_refuses_is_a_named_trouble()
    {
        Peer.RequireRoot();
        using var root = Linux.OpenRoot("/proc");
        Assert.Null(TreeWatcher.TryStart(root, [], TimeProvider.System, null, out var trouble));
        Assert.Equal("watch.file-system", trouble!.Code);
    }
}
