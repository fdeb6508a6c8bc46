using System.Buffers;
using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;
using Muster.Agent.Applying;
using Muster.Agent.Watching;
using Muster.Core.Filters;
using Muster.Core.Plans;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Files;
using Muster.Protocol.Machines;

namespace Muster.Agent.Scanning;

/// <summary>A tree on disk. What is mounted below its root is left alone.</summary>
internal sealed class LiveTree : IFileTree
{
    private const int ReadSize = 256 * 1024;

    private readonly SafeFileHandle root;
    private readonly StateFolder state;
    private readonly TimeProvider time;
    private readonly IReadOnlyList<TreePath> exclusions;
    private readonly Applier applier;
    private readonly DigestCache digests;
    private readonly EntryReader reader;
    private readonly EntryReader verifier;
    private readonly TreePath stagePath;
    private readonly string rootPath;
    private readonly TreeWatcher? watcher;
    private readonly CulpritFinder? culprits;

    private LiveTree(SafeFileHandle root, StateFolder state, IReadOnlyList<TreePath> exclusions, SafeFileHandle stage, TreePath stagePath, DigestCache digests, TimeProvider time, string rootPath)
    {
        this.root = root;
        this.state = state;
        this.time = time;
        this.exclusions = exclusions;
        this.digests = digests;
        this.stagePath = stagePath;
        this.rootPath = rootPath;
        reader = new EntryReader(digests, time);
        verifier = new EntryReader(digests, time, trustCache: false);
        applier = new Applier(root, stage, state.Handle, time);
        culprits = CulpritFinder.Start(root, rootPath, "/run/muster-agent", time, out var culpritTrouble);
        CulpritTrouble = culpritTrouble;
        watcher = TreeWatcher.TryStart(root, exclusions, time, culprits.Notice, out var trouble);
        Trouble = trouble;
        FileSystem = NameOf(Linux.RoomOf(root).Magic);
    }

    public string FileSystem { get; }

    public ChannelReader<Change>? Changes => watcher?.Changes;

    public WatchTrouble? Trouble { get; }

    public WatchTrouble? CulpritTrouble { get; }

    /// <summary>Opens the tree at a path, with its stage on the tree's own file system.</summary>
    public static LiveTree Open(string rootPath, StateFolder state, TimeProvider time, AgentLog log)
    {
        var root = Linux.OpenRoot(rootPath);
        if (Linux.OpenRootWithoutMounts(root) is { } bare)
        {
            root.Dispose();
            root = bare;
        }

        var inside = Inside(rootPath, state.Path);
        var (stage, stagePath) = OpenStage(root, inside);
        log.Debug($"the stage is {stagePath}");
        TreePath[] exclusions = inside is { } path ? [.. AgentFolders.All, path] : [.. AgentFolders.All];
        var digests = DigestCache.Load(state.Handle, "digests"u8, out var complaint);
        if (complaint is not null)
        {
            log.Warning(complaint);
        }

        return new LiveTree(root, state, exclusions, stage, stagePath, digests, time, rootPath);
    }

    public async ValueTask DisposeAsync()
    {
        if (watcher is not null)
        {
            await watcher.DisposeAsync();
        }

        if (culprits is not null)
        {
            await culprits.DisposeAsync();
        }

        reader.Dispose();
        verifier.Dispose();
        applier.Dispose();
        root.Dispose();
    }

    public Recovery Recover() => applier.Recover();

    public void Watch(Func<TreePath, bool> matters) => watcher?.Watch(matters);

    public async Task<ScanResult> ScanAsync(TreeFilter filter, ScanProgress progress, bool gently, CancellationToken cancellationToken)
    {
        var options = new ScanOptions { Cache = digests, Exclusions = exclusions, Filter = filter, Progress = progress };
        options = gently ? options with { Background = true, Threads = 1 } : options;
        var result = await TreeScanner.ScanAsync(root, options, time, cancellationToken);
        return result with { Mounts = [.. result.Mounts.Union(Mounts.Below(rootPath)).Order()] };
    }

    public Sight? Verify(TreePath path, ReadPace pace, CancellationToken cancellationToken)
    {
        using var directory = OpenParent(path);
        if (directory is null || Linux.FindStat(directory, path.Name) is not { Kind: EntryKind.File } stat)
        {
            return null;
        }

        // What was written to the medium past the kernel shows only if the kernel reads it anew.
        if (Linux.TryOpenBeneath(directory, path.Name, OpenFlags.Read | OpenFlags.NonBlocking | OpenFlags.NoAccessTime, 0, out var file) == 0)
        {
            using (file)
            {
                Linux.AdviseDontNeed(file!);
            }
        }

        using var paced = new EntryReader(digests, time, trustCache: false, pace);
        var entry = paced.Read(directory, path.Name.ToArray(), out var complaint, cancellationToken);
        return complaint is null ? entry is null ? null : new Sight(entry, (stat.Device, stat.Inode)) : throw complaint;
    }

    public async Task<Sight?> LookAsync(TreePath path, bool below, bool verify, CancellationToken cancellationToken)
    {
        if (exclusions.Any(path.IsWithin))
        {
            return null;
        }

        var (directory, name) = path.IsRoot ? (root, TreePath.Root) : (OpenParent(path), path);
        if (directory is null)
        {
            return null;
        }

        try
        {
            if (Linux.FindStat(directory, name.Name) is not { Kind: { } kind } stat)
            {
                return null;
            }

            var inode = (stat.Device, stat.Inode);
            if (kind == EntryKind.Directory && below)
            {
                var options = new ScanOptions { Cache = digests, Exclusions = exclusions, Start = path, Threads = 1 };
                var result = await TreeScanner.ScanAsync(root, options, time, cancellationToken);
                return new Sight(result.Tree.Root with { Name = path.Name.ToArray() }, inode);
            }

            var entry = (verify ? verifier : reader).Read(directory, path.Name.ToArray(), out var complaint, cancellationToken);
            return complaint is { Kind: ProblemKind.Unavailable, Code: "file.input-output" } ? throw complaint
                : entry is null ? null : new Sight(entry, inode);
        }
        catch (ProblemException e) when (e.Kind == ProblemKind.NotFound)
        {
            return null;
        }
        finally
        {
            if (!path.IsRoot)
            {
                directory.Dispose();
            }
        }
    }

    public ApplyResult Apply(ApplyOrder order, RepairPlan plan, IContentSource content, Action<long>? staged, CancellationToken cancellationToken) =>
        applier.Apply(order, plan, content, staged, cancellationToken);

    public ApplyResult Repair(RepairPlan plan, IContentSource content, CancellationToken cancellationToken) =>
        applier.Repair(plan, content, cancellationToken);

    public bool TryRead(TreePath path, Action<ReadOnlyMemory<byte>> take, CancellationToken cancellationToken)
    {
        if (Linux.TryOpenBeneath(root, path.Bytes, OpenFlags.Read | OpenFlags.NonBlocking, 0, out var file) != 0)
        {
            return false;
        }

        using (file)
        {
            if (Linux.Stat(file!).Kind != EntryKind.File)
            {
                return false;
            }

            var buffer = ArrayPool<byte>.Shared.Rent(ReadSize);
            try
            {
                for (long position = 0; Linux.Read(file!, buffer.AsSpan(0, ReadSize), position) is var count and > 0; position += count)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    take(buffer.AsMemory(0, count));
                }

                return true;
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>Walks the way of a repair once beside the stage, where nobody looks: the first real one shall not wait for code to be loaded.</summary>
    public void WarmUp()
    {
        var path = stagePath.Parent.Join("warm"u8);
        var entry = new TreeEntry { Name = "warm"u8.ToArray(), Kind = EntryKind.File, Mode = 0x180, Content = Core.Objects.Digest.Empty };
        var put = new RepairStep.PutFile(path, entry, null);
        var none = new NoContent();
        foreach (RepairStep step in (RepairStep[])[put, put with { Seen = entry }, new RepairStep.SetAttributes(path, entry, entry), new RepairStep.Remove(path, entry, Whole: false)])
        {
            applier.Repair(new RepairPlan([step], new Dictionary<Core.Objects.Digest, long>(), default, [], []), none, CancellationToken.None);
        }
    }

    private sealed class NoContent : IContentSource
    {
        public bool TryWrite(Core.Objects.Digest content, long size, ContentWriter target, CancellationToken cancellationToken) => false;
    }

    public ValueTask<Culprit?> FindCulpritAsync(Change change, CancellationToken cancellationToken) =>
        culprits is null || change.Process == 0 ? ValueTask.FromResult<Culprit?>(null) : culprits.FindAsync(change.Process, change.At, cancellationToken);

    public void Remember() => digests.Save(state.Handle, "digests"u8);

    private SafeFileHandle? OpenParent(TreePath path)
    {
        var errno = Linux.TryOpenBeneath(root, path.Parent.Bytes, OpenFlags.PathOnly | OpenFlags.Directory, 0, out var parent);
        return errno switch
        {
            0 => parent,
            Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP or Errno.EXDEV => null,
            _ => throw new ProblemException(ProblemKind.Unavailable, "file.look", $"cannot open {path.Parent} (error {errno})"),
        };
    }

    // The path of the state folder below the root, where it is there.
    private static TreePath? Inside(string root, string state)
    {
        var relative = Path.GetRelativePath(Path.GetFullPath(root), Path.GetFullPath(state));
        return relative is "." || relative.StartsWith("..", StringComparison.Ordinal) || Path.IsPathRooted(relative) ? null : TreePath.FromText(relative);
    }

    // Through the tree's own mount, because nothing can be renamed from one mount to another.
    private static (SafeFileHandle Stage, TreePath Path) OpenStage(SafeFileHandle root, TreePath? state)
    {
        if (state is { } path && Linux.TryOpenBeneath(root, path.Bytes, OpenFlags.Directory, 0, out var folder) == 0)
        {
            using (folder)
            {
                return (StateFolder.OpenFolder(folder!, "stage"u8), path.Join("stage"u8));
            }
        }

        using var own = StateFolder.OpenFolder(root, ".muster-agent"u8);
        return (StateFolder.OpenFolder(own, "stage"u8), TreePath.FromText("/.muster-agent/stage"));
    }

    private static string NameOf(long magic) => magic switch
    {
        0xEF53 => "ext4",
        0x58465342 => "xfs",
        0x9123683E => "btrfs",
        0x794c7630 => "overlay",
        0x01021994 => "tmpfs",
        0x2FC12FC1 => "zfs",
        0xF2F52010 => "f2fs",
        _ => $"0x{magic:x}",
    };
}
