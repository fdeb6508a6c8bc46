using Microsoft.Win32.SafeHandles;
using Muster.Core.Filters;
using Muster.Core.Problems;
using Muster.Core.Trees;

namespace Muster.Files;

public sealed partial class TreeScanner
{
    /// <summary>One directory on its way from a name to a digest.</summary>
    private sealed class DirectoryWork(TreeScanner scanner, TreePath path, TreeEntry entry, DirectoryWork? parent, int place) : IWork
    {
        private readonly int depth = parent is null ? 0 : parent.depth + 1;

        // What the filter says of everything below; asked once for each directory.
        private readonly FilterReach reach = parent?.reach == FilterReach.All ? FilterReach.All : scanner.options.Filter?.Below(path) ?? FilterReach.All;

        private TreeEntry?[] entries = [];
        private SafeFileHandle? handle;

        // Itself, every directory in it and every batch of its files.
        private int unfinished = 1;
        private int batches = 1;

        public TreePath Path => path;

        /// <summary>With its content once everything below is done.</summary>
        public TreeEntry Entry { get; private set; } = entry;

        public SafeFileHandle Handle => handle!;

        public void Do(EntryReader reader)
        {
            try
            {
                if (Open())
                {
                    List(reader);
                }
            }
            catch (ProblemException e) when (e.Kind != ProblemKind.TooLarge && parent is not null)
            {
                scanner.Complain(path, e);
            }

            BatchDone();
        }

        private bool Open()
        {
            // By the whole path from the root: one open directory per thread, however deep or wide the tree is.
            var errno = Linux.TryOpenBeneath(scanner.root, path.Bytes, OpenFlags.Read | OpenFlags.Directory | OpenFlags.NoAccessTime, 0, out handle);
            if (errno == Errno.EPERM)
            {
                errno = Linux.TryOpenBeneath(scanner.root, path.Bytes, OpenFlags.Read | OpenFlags.Directory, 0, out handle);
            }

            return errno switch
            {
                0 => true,
                Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP when parent is not null => false,
                _ => throw Linux.Problem(errno, "open", path.Bytes),
            };
        }

        private void List(EntryReader reader)
        {
            var names = Linux.ListNames(Handle, TreeFormat.MaxEntries);
            names.Sort(static (a, b) => a.AsSpan().SequenceCompareTo(b));
            entries = new TreeEntry?[names.Count];
            var batch = new List<(int, FileStat)>();
            long batchBytes = 0;
            for (var index = 0; index < names.Count; index++)
            {
                scanner.cancellation.ThrowIfCancellationRequested();
                scanner.options.Pace?.Spend(ReadPace.EntryCost, scanner.cancellation);
                if (See(names[index], index, reader) is not { } stat)
                {
                    continue;
                }

                // What must be read is left for whoever is free.
                entries[index] = new TreeEntry { Name = names[index], Kind = EntryKind.File };
                batch.Add((index, stat));
                batchBytes += stat.Size;
                if (batch.Count == BatchFiles || batchBytes > BatchBytes)
                {
                    Hand(ref batch, ref batchBytes);
                }
            }

            if (batch.Count > 0)
            {
                Hand(ref batch, ref batchBytes);
            }
        }

        // Returns a file whose content has to be read; everything else is finished or on the stack.
        private FileStat? See(byte[] name, int index, EntryReader reader)
        {
            var child = path.Join(name);
            if (scanner.exclusions.Contains(child))
            {
                return null;
            }

            var errno = Linux.TryStat(Handle, name, out var stat);
            if (errno == Errno.ENOENT || (errno == 0 && stat.Kind is null))
            {
                return null;
            }

            if (errno != 0)
            {
                scanner.Complain(child, Linux.Problem(errno, "look at", name));
                return null;
            }

            scanner.progress.Saw(stat);
            if (scanner.progress.Entries > scanner.options.MaxEntries)
            {
                throw new ProblemException(ProblemKind.TooLarge, "tree.limit", $"the tree has more than {scanner.options.MaxEntries} entries");
            }

            var managed = reach == FilterReach.All || (reach == FilterReach.Some && scanner.options.Filter!.Manages(child));
            if (!managed && (stat.Kind != EntryKind.Directory || reach == FilterReach.None || !scanner.options.Filter!.MayManageBelow(child)))
            {
                entries[index] = stat.Kind == EntryKind.Directory
                    ? new TreeEntry { Name = name, Kind = EntryKind.Directory }.WithDirectory(TreeDirectory.Empty)
                    : new TreeEntry { Name = name, Kind = stat.Kind!.Value };
                return null;
            }

            var mounted = stat.Mount != scanner.start.Mount && scanner.start.Mount != 0;
            switch (stat.Kind)
            {
                case not EntryKind.Directory when mounted:
                    scanner.mounts.Enqueue(child);
                    entries[index] = EntryReader.Describe(Handle, name, stat);
                    return null;
                case EntryKind.Directory:
                    Enter(name, index, child, stat, mounted || stat.Device != scanner.start.Device);
                    return null;
                case EntryKind.File when reader.Known(stat) is null:
                    return stat;
                default:
                    entries[index] = scanner.ReadFile(reader, this, name, stat);
                    return null;
            }
        }

        private void Enter(byte[] name, int index, TreePath child, in FileStat stat, bool mounted)
        {
            TreeEntry described;
            try
            {
                described = EntryReader.Describe(Handle, name, stat);
            }
            catch (ProblemException e) when (e.Kind == ProblemKind.NotFound)
            {
                return;
            }

            if (depth + 1 == TreeFormat.MaxDepth || child.Bytes.Length > TreeFormat.MaxPath - Linux.NameMax - 1)
            {
                // Anybody can make such a directory; that must not keep a machine from being seen.
                scanner.Complain(path, new ProblemException(ProblemKind.TooLarge, "tree.deep", "directories below are deeper than a tree can be, and were not entered"));
                entries[index] = described.WithDirectory(TreeDirectory.Empty);
                return;
            }

            if (mounted)
            {
                scanner.mounts.Enqueue(child);
                entries[index] = described.WithDirectory(TreeDirectory.Empty);
                return;
            }

            Interlocked.Increment(ref unfinished);
            scanner.work.Push(new DirectoryWork(scanner, child, described, this, index));
        }

        private void Hand(ref List<(int, FileStat)> batch, ref long bytes)
        {
            Interlocked.Increment(ref batches);
            Interlocked.Increment(ref unfinished);
            scanner.work.Push(new FileBatch(scanner, this, batch));
            batch = [];
            bytes = 0;
        }

        public void Put(int index, TreeEntry? found) => entries[index] = found;

        public byte[] NameAt(int index) => entries[index]!.Name;

        public void BatchDone()
        {
            if (Interlocked.Decrement(ref batches) == 0)
            {
                handle?.Dispose();
            }

            // A loop and not a recursion: trees can be thirty thousand levels deep.
            for (var directory = this; directory is not null && Interlocked.Decrement(ref directory.unfinished) == 0; directory = directory.Close())
            {
            }
        }

        private DirectoryWork? Close()
        {
            var found = entries.Contains(null) ? [.. entries.Where(one => one is not null)] : entries;
            entries = [];
            Entry = Entry.WithDirectory(found.Length == 0 ? TreeDirectory.Empty : new TreeDirectory(found!));
            parent?.Put(place, Entry);
            return parent;
        }
    }

    /// <summary>Some files of one directory whose content must be read.</summary>
    private sealed class FileBatch(TreeScanner scanner, DirectoryWork directory, List<(int Index, FileStat Stat)> files) : IWork
    {
        public void Do(EntryReader reader)
        {
            foreach (var (index, stat) in files)
            {
                directory.Put(index, scanner.ReadFile(reader, directory, directory.NameAt(index), stat));
            }

            directory.BatchDone();
        }
    }

    /// <summary>The work not yet begun, deepest first so that little is open at once. Empty and nobody busy means done.</summary>
    private sealed class WorkStack
    {
        private readonly Stack<IWork> items = [];
        private int left;

        public void Push(IWork item)
        {
            lock (items)
            {
                items.Push(item);
                left++;
                Monitor.Pulse(items);
            }
        }

        public IWork? Pop(CancellationToken cancellation)
        {
            lock (items)
            {
                while (true)
                {
                    if (left == 0 || cancellation.IsCancellationRequested)
                    {
                        return null;
                    }

                    if (items.TryPop(out var item))
                    {
                        return item;
                    }

                    Monitor.Wait(items);
                }
            }
        }

        public void Done()
        {
            lock (items)
            {
                if (--left == 0)
                {
                    Monitor.PulseAll(items);
                }
            }
        }

        public void Wake()
        {
            lock (items)
            {
                Monitor.PulseAll(items);
            }
        }
    }
}
