using Muster.Core.Filters;
using Muster.Core.Trees;

namespace Muster.Files;

/// <summary>What a scan reads, and how hard it tries.</summary>
public sealed record ScanOptions
{
    /// <summary>Digests known from earlier; null reads every file.</summary>
    public DigestCache? Cache { get; init; }

    /// <summary>False reads every file although its digest is known: the verifying scan. What it finds corrects the cache.</summary>
    public bool TrustCache { get; init; } = true;

    /// <summary>Paths that do not exist for us, with all below them.</summary>
    public IReadOnlyList<TreePath> Exclusions { get; init; } = [];

    /// <summary>
    /// Only what this filter manages is read. Of the rest, where it stands beside something managed, name and kind are told, as
    /// <see cref="ManagedTree"/> wants them; directories with nothing managed below are not entered.
    /// </summary>
    public TreeFilter? Filter { get; init; }

    /// <summary>The directory to begin at; paths, filter and exclusions count from the root all the same.</summary>
    public TreePath Start { get; init; }

    /// <summary>How many threads read and hash.</summary>
    public int Threads { get; init; } = Math.Clamp(Environment.ProcessorCount, 2, 16);

    /// <summary>Lets the disk go to anyone else who wants it.</summary>
    public bool Background { get; init; }

    /// <summary>Holds the scan to a number of bytes a second; null is as fast as it can.</summary>
    public ReadPace? Pace { get; init; }

    /// <summary>Counts while the scan runs.</summary>
    public ScanProgress? Progress { get; init; }

    /// <summary>Most entries of the whole tree.</summary>
    public int MaxEntries { get; init; } = 5_000_000;
}

/// <summary>Counts that grow while a scan runs, readable at any moment.</summary>
public sealed class ScanProgress
{
    private long entries, files, bytes, hashed;

    /// <summary>Entries seen so far.</summary>
    public long Entries => Volatile.Read(ref entries);

    /// <summary>Regular files among them.</summary>
    public long Files => Volatile.Read(ref files);

    /// <summary>The sum of their sizes.</summary>
    public long Bytes => Volatile.Read(ref bytes);

    /// <summary>Bytes that had to be read because no digest was known.</summary>
    public long BytesRead => Volatile.Read(ref hashed);

    internal void Saw(in FileStat stat)
    {
        Interlocked.Increment(ref entries);
        if (stat.Kind == EntryKind.File)
        {
            Interlocked.Increment(ref files);
            Interlocked.Add(ref bytes, stat.Size);
        }
    }

    internal void Read(long count) => Interlocked.Add(ref hashed, count);
}

/// <summary>A seen tree, and what about it could not be seen properly.</summary>
/// <param name="Tree">With every directory loaded. Where the scan began below the root, its root is that directory.</param>
/// <param name="Complaints">At most a thousand; a file named here has no digest.</param>
/// <param name="Mounts">Directories where another file system is mounted; their content was not entered.</param>
public sealed record ScanResult(Tree Tree, ScanProgress Counts, IReadOnlyList<ScanComplaint> Complaints, IReadOnlyList<TreePath> Mounts);

/// <summary>Something that could not be read as it should.</summary>
/// <param name="Path">Where.</param>
/// <param name="Code">Stable: <c>file.changing</c>, or that of the failed system call.</param>
/// <param name="Message">What happened.</param>
public sealed record ScanComplaint(TreePath Path, string Code, string Message);
