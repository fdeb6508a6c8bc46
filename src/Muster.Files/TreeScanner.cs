using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using Muster.Core.Problems;
using Muster.Core.Trees;

namespace Muster.Files;

/// <summary>
/// Reads a whole tree from disk: what is there, never what it means. Several threads share one stack of directories and of
/// batches of files to hash; the last thread to finish something in a directory closes it, so digests come bottom-up while
/// the rest is still being read. Stays on the mount it began on. Changes nothing, not even access times.
/// </summary>
public sealed partial class TreeScanner
{
    private const int MaxComplaints = 1000;

    // Large enough that handing a batch over costs nothing, small enough that both threads end together.
    private const long BatchBytes = 4 * 1024 * 1024;
    private const int BatchFiles = 128;

    private readonly SafeFileHandle root;
    private readonly ScanOptions options;
    private readonly TimeProvider time;
    private readonly CancellationToken cancellation;
    private readonly ScanProgress progress;
    private readonly WorkStack work = new();
    private readonly ConcurrentQueue<ScanComplaint> complaints = [];
    private readonly ConcurrentQueue<TreePath> mounts = [];
    private readonly ConcurrentDictionary<(ulong Device, ulong Inode), LinkedFile> linked = [];
    private readonly HashSet<TreePath> exclusions;
    private FileStat start;

    private TreeScanner(SafeFileHandle root, ScanOptions options, TimeProvider time, CancellationToken cancellation)
    {
        this.root = root;
        this.options = options;
        this.time = time;
        this.cancellation = cancellation;
        progress = options.Progress ?? new ScanProgress();
        exclusions = [.. options.Exclusions];
    }

    /// <summary>Scans on threads of its own and returns when all is read.</summary>
    /// <exception cref="ProblemException">The start cannot be opened, or a limit is passed. What cannot be read deeper down is a complaint instead.</exception>
    public static async Task<ScanResult> ScanAsync(SafeFileHandle root, ScanOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var scanner = new TreeScanner(root, options, time, stop.Token);
        await using var wake = stop.Token.Register(scanner.work.Wake);
        var result = await scanner.RunAsync(stop);
        cancellationToken.ThrowIfCancellationRequested();
        return result;
    }

    private async Task<ScanResult> RunAsync(CancellationTokenSource stop)
    {
        DirectoryWork top;
        using (var opened = Linux.OpenBeneath(root, options.Start.Bytes, OpenFlags.Read | OpenFlags.Directory))
        {
            start = Linux.Stat(opened);
            top = new DirectoryWork(this, options.Start, EntryReader.Describe(opened, [], start), null, 0);
            progress.Saw(start);
        }

        if (options.Start.IsRoot && options.TrustCache)
        {
            options.Cache?.BeginFullScan();
        }

        work.Push(top);
        var workers = Enumerable.Range(0, options.Threads)
            .Select(_ => Task.Factory.StartNew(() => Work(stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))
            .ToArray();
        await Task.WhenAll(workers);
        if (options.Start.IsRoot && options.TrustCache && !cancellation.IsCancellationRequested)
        {
            options.Cache?.DropUnasked();
        }

        return new ScanResult(
            new Tree(top.Entry, LinkGroups()),
            progress,
            [.. complaints.OrderBy(complaint => complaint.Path)],
            [.. mounts.Order()]);
    }

    private void Work(CancellationTokenSource stop)
    {
        if (options.Background)
        {
            Linux.UseDiskWhenIdle();
        }

        using var reader = new EntryReader(options.Cache, time, options.TrustCache, options.Pace, progress);
        try
        {
            while (work.Pop(cancellation) is { } item)
            {
                item.Do(reader);
                work.Done();
            }
        }
        catch (OperationCanceledException)
        {
            // Said once, by ScanAsync, and only if it was not our own failure that stopped the others.
        }
        catch
        {
            // The others must not wait for what will never be finished.
            stop.Cancel();
            throw;
        }
    }

    /// <summary>Anything that a thread can take from the stack.</summary>
    private interface IWork
    {
        void Do(EntryReader reader);
    }

    private void Complain(TreePath path, ProblemException problem)
    {
        if (complaints.Count < MaxComplaints)
        {
            complaints.Enqueue(new ScanComplaint(path, problem.Code, problem.Message));
        }
    }

    // A file of several names is read under the first that is met; those who meet another name meanwhile wait for it.
    private TreeEntry? ReadFile(EntryReader reader, DirectoryWork directory, byte[] name, in FileStat stat)
    {
        ProblemException? complaint;
        TreeEntry? entry;
        if (stat.Links > 1)
        {
            var file = linked.GetOrAdd((stat.Device, stat.Inode), static _ => new LinkedFile());
            lock (file)
            {
                if (file.Entry is { } known && file.Stat.SameVersion(stat))
                {
                    file.Paths.Add(directory.Path.Join(name));
                    return known with { Name = name };
                }

                entry = reader.Read(directory.Handle, name, stat, out complaint, cancellation);
                if (entry is not null)
                {
                    file.Paths.Add(directory.Path.Join(name));
                    (file.Entry, file.Stat) = (complaint is null ? entry : null, stat);
                }
            }
        }
        else
        {
            entry = reader.Read(directory.Handle, name, stat, out complaint, cancellation);
        }

        if (complaint is not null)
        {
            Complain(directory.Path.Join(name), complaint);
        }

        return entry;
    }

    private IReadOnlyList<HardLinkGroup> LinkGroups()
        => [.. linked.Values.Where(file => file.Paths.Count > 1)
            .Select(file => new HardLinkGroup([.. file.Paths.Order()]))
            .OrderBy(group => group.Paths[0])];

    private sealed class LinkedFile
    {
        public List<TreePath> Paths { get; } = [];

        public TreeEntry? Entry { get; set; }

        public FileStat Stat { get; set; }
    }
}
