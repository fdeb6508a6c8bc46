using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;
using Muster.Core.Trees;
using Muster.Files;

namespace Muster.Agent.Watching;

/// <summary>
/// Tells within milliseconds where in a tree something changed, through one fanotify mark on its file system. It says where
/// to look and who did it; what is there now the reader must see for himself. What this process does itself is not told.
/// Nothing is ever lost silently: when too much happens at once, <see cref="ChangeKinds.Lost"/> asks for a scan.
/// Writes through mmap are told when the file is closed, writes to the block device never: those are for the verifying scan.
/// </summary>
internal sealed class TreeWatcher : IAsyncDisposable
{
    /// <summary>Most changes that wait for the reader; with more, a scan is quicker.</summary>
    public const int MaxUnread = 50_000;

    // A process that keeps a file open and writes on is told of at this pace, so that a busy log does not keep us busy.
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(15);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(1);

    private readonly Fanotify fanotify;
    private readonly DirectoryPaths directories;
    private readonly TreePath[] exclusions;
    private readonly TimeProvider time;
    private readonly Action<int>? sawProcess;
    private readonly Channel<Change> changes;
    private readonly Dictionary<(TreePath Directory, string Name), StillOpen> open = [];
    private readonly Task reading;
    private volatile Func<TreePath, bool> matters = static _ => true;
    private bool lost;

    private sealed record StillOpen(Change Change, TimeSpan Delay, long DueAt, bool Told);

    private TreeWatcher(Fanotify fanotify, SafeFileHandle root, IReadOnlyList<TreePath> exclusions, TimeProvider time, Action<int>? sawProcess, int maxUnread)
    {
        this.fanotify = fanotify;
        this.exclusions = [.. exclusions];
        this.time = time;
        this.sawProcess = sawProcess;
        directories = new DirectoryPaths(root);
        changes = Channel.CreateBounded<Change>(new BoundedChannelOptions(maxUnread) { SingleReader = true, SingleWriter = true });
        reading = Task.Factory.StartNew(ReadAll, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>What changed, in the kernel's order as far as one name is concerned. Ends when the watcher is disposed.</summary>
    public ChannelReader<Change> Changes => changes.Reader;

    /// <summary>Begins to watch, or says why this machine must be kept by scanning. Watch first and scan then, and nothing falls between.</summary>
    /// <param name="root">The tree's root; it must stay open as long as the watcher lives.</param>
    /// <param name="exclusions">Paths that do not exist for us, with all below them.</param>
    /// <param name="sawProcess">Called on the watching thread as soon as a process has changed something; must be quick (CulpritFinder.Notice).</param>
    public static TreeWatcher? TryStart(
        SafeFileHandle root, IReadOnlyList<TreePath> exclusions, TimeProvider time, Action<int>? sawProcess, out WatchTrouble? trouble, int maxUnread = MaxUnread)
    {
        trouble = Unsuited(root, out var fanotify);
        return fanotify is null ? null : new TreeWatcher(fanotify, root, exclusions, time, sawProcess, maxUnread);
    }

    /// <summary>Says which paths matter: others are not told from now on, so that they cannot crowd out those that do.</summary>
    /// <param name="wanted">Called on the watching thread; must be quick.</param>
    public void Watch(Func<TreePath, bool> wanted) => matters = wanted;

    public async ValueTask DisposeAsync()
    {
        fanotify.Stop();
        await reading;
        fanotify.Dispose();
    }

    private static WatchTrouble? Unsuited(SafeFileHandle root, out Fanotify? fanotify)
    {
        fanotify = null;
        if (Environment.OSVersion.Version < new Version(5, 17))
        {
            return new WatchTrouble("watch.kernel",
                $"changes are found by scanning only: telling them as they happen needs Linux 5.17 or newer, this is {Environment.OSVersion.Version}");
        }

        const string cure = "an overlay needs the mount options index=on,nfs_export=on,redirect_dir=on";
        switch (Fanotify.TryOpen(root, out var opened))
        {
            case 0 when DirectoryPaths.CanResolve(root):
                fanotify = opened;
                return null;
            case 0:
                opened!.Dispose();
                return new WatchTrouble("watch.file-system", $"changes are found by scanning only: this file system cannot name directories by handle; {cure}");
            case Errno.EPERM or Errno.EACCES:
                return new WatchTrouble("watch.denied", "changes are found by scanning only: the kernel refuses to tell them; the agent needs CAP_SYS_ADMIN");
            case var errno:
                return new WatchTrouble("watch.file-system", $"changes are found by scanning only: this file system refuses to be watched (error {errno}); {cure}");
        }
    }

    private void ReadAll()
    {
        try
        {
            while (fanotify.Wait(NextDue()))
            {
                for (var events = fanotify.Read(); !events.IsEmpty; events = fanotify.Read())
                {
                    while (Fanotify.Event.TryTake(ref events, out var taken))
                    {
                        Take(taken);
                    }
                }

                TellStillOpen();
                TellLost();
            }

            changes.Writer.TryComplete();
        }
        catch (Exception e)
        {
            changes.Writer.TryComplete(e);
        }
    }

    private void Take(in Fanotify.Event taken)
    {
        if ((taken.Mask & Fanotify.Overflow) != 0)
        {
            Tell(Change.Lost(time.GetTimestamp()));
            return;
        }

        if (taken.Process == Environment.ProcessId)
        {
            ForgetMoved(taken);
            return;
        }

        if (taken.Process > 0)
        {
            sawProcess?.Invoke(taken.Process);
        }

        if ((taken.Mask & Fanotify.Rename) != 0)
        {
            TakePlace(taken, taken.Old, ChangeKinds.MovedAway);
            TakePlace(taken, taken.New, ChangeKinds.MovedHere);
            ForgetMoved(taken);
            return;
        }

        TakePlace(taken, taken.At, Kinds(taken.Mask));
        ForgetMoved(taken);
    }

    private static ChangeKinds Kinds(ulong mask)
        => ((mask & Fanotify.Create) != 0 ? ChangeKinds.Created : 0)
        | ((mask & Fanotify.Delete) != 0 ? ChangeKinds.Deleted : 0)
        | ((mask & Fanotify.CloseWrite) != 0 ? ChangeKinds.Written : 0)
        | ((mask & Fanotify.Modify) != 0 ? ChangeKinds.Modified : 0)
        | ((mask & Fanotify.Attributes) != 0 ? ChangeKinds.Attributes : 0);

    private void TakePlace(in Fanotify.Event taken, in Fanotify.Place place, ChangeKinds what)
    {
        if (place.Handle.IsEmpty || what == 0 || directories.Find(place.Handle) is not { } directory)
        {
            return;
        }

        var name = place.Name.SequenceEqual("."u8) ? [] : place.Name;
        if (IsExcluded(directory, name))
        {
            return;
        }

        var change = new Change(directory, name.ToArray(), what, (taken.Mask & Fanotify.OnDirectory) != 0, taken.Process, time.GetTimestamp());
        if (matters(change.Path))
        {
            Settle(change);
        }
    }

    // After a directory was moved or removed, ours or not, what we knew of the paths below it is wrong.
    private void ForgetMoved(in Fanotify.Event taken)
    {
        if ((taken.Mask & Fanotify.OnDirectory) == 0 || (taken.Mask & (Fanotify.Rename | Fanotify.Delete)) == 0)
        {
            return;
        }

        Forget(taken.At);
        Forget(taken.Old);
        Forget(taken.New);

        void Forget(in Fanotify.Place place)
        {
            if (!place.Handle.IsEmpty && directories.Find(place.Handle) is { } directory && TreePath.IsValidName(place.Name))
            {
                directories.Forget(directory.Join(place.Name));
            }
        }
    }

    private bool IsExcluded(TreePath directory, ReadOnlySpan<byte> name)
    {
        foreach (var excluded in exclusions)
        {
            if (directory.IsWithin(excluded) || (excluded.Parent == directory && excluded.Name.SequenceEqual(name)))
            {
                return true;
            }
        }

        return false;
    }

    private void Settle(Change change)
    {
        var key = (change.Directory, Convert.ToHexString(change.Name));
        if (change.What != ChangeKinds.Modified)
        {
            open.Remove(key);
            Tell(change);
        }
        else if (!open.TryGetValue(key, out var known))
        {
            open[key] = new StillOpen(change, FirstDelay, Due(change.At, FirstDelay), Told: false);
        }
        else if (known.Told)
        {
            var delay = known.Delay * 2 < LongestDelay ? known.Delay * 2 : LongestDelay;
            open[key] = new StillOpen(change, delay, Due(change.At, delay), Told: false);
        }
    }

    private void TellStillOpen()
    {
        if (open.Count == 0)
        {
            return;
        }

        var now = time.GetTimestamp();
        foreach (var (key, waiting) in open)
        {
            if (waiting.DueAt > now)
            {
                continue;
            }

            if (waiting.Told)
            {
                open.Remove(key);
            }
            else
            {
                Tell(waiting.Change);
                open[key] = waiting with { Told = true, DueAt = Due(now, waiting.Delay) };
            }
        }
    }

    private long Due(long from, TimeSpan delay) => from + (long)(delay.TotalSeconds * time.TimestampFrequency);

    private int NextDue()
    {
        if (lost)
        {
            return 50;
        }

        if (open.Count == 0)
        {
            return -1;
        }

        var first = open.Values.Min(waiting => waiting.DueAt);
        return (int)Math.Ceiling(Math.Max(0, time.GetElapsedTime(time.GetTimestamp(), first).TotalMilliseconds));
    }

    private void Tell(Change change)
    {
        TellLost();
        lost |= !changes.Writer.TryWrite(change);
    }

    private void TellLost()
    {
        if (lost)
        {
            lost = !changes.Writer.TryWrite(Change.Lost(time.GetTimestamp()));
        }
    }
}
