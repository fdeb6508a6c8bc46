using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Core.Trees;

namespace Muster.Files;

/// <summary>
/// Reads one directory entry into the form in which trees are compared. Used by one thread at a time; keeps its buffer and
/// hash state from file to file. Never follows a link, never opens a device.
/// </summary>
public sealed class EntryReader(DigestCache? cache, TimeProvider time, bool trustCache = true, ReadPace? pace = null, ScanProgress? progress = null) : IDisposable
{
    private const int BufferSize = 256 * 1024;
    private const int Attempts = 3;

    private static readonly byte[] Zeros = new byte[64 * 1024];

    // Most readers live for one look at one name whose digest is known: they need neither.
    private IncrementalHash? sha;
    private byte[]? buffer;

    public void Dispose()
    {
        sha?.Dispose();
        if (buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = null;
        }
    }

    /// <summary>
    /// What is at a name now, or null where nothing is (or a socket). A directory comes with its attributes only.
    /// A file that keeps changing, or cannot be read, comes without a digest and with a complaint.
    /// </summary>
    public TreeEntry? Read(SafeFileHandle directory, byte[] name, out ProblemException? complaint, CancellationToken cancellationToken)
    {
        complaint = null;
        return Linux.FindStat(directory, name) is { Kind: not null } stat ? Read(directory, name, stat, out complaint, cancellationToken) : null;
    }

    internal TreeEntry? Read(SafeFileHandle directory, byte[] name, FileStat stat, out ProblemException? complaint, CancellationToken cancellationToken)
    {
        complaint = null;
        try
        {
            var entry = Describe(directory, name, stat);
            if (stat.Kind != EntryKind.File)
            {
                return entry;
            }

            var digest = Content(directory, name, ref stat, cancellationToken, out var reread);
            return (reread ? Describe(directory, name, stat) : entry) with { Content = digest };
        }
        catch (ProblemException e) when (e.Kind == ProblemKind.NotFound)
        {
            return null;
        }
        catch (ProblemException e) when (e.Kind != ProblemKind.Bug)
        {
            complaint = e;
            return Bare(name, stat);
        }
    }

    /// <summary>Everything but a file's digest.</summary>
    internal static TreeEntry Describe(SafeFileHandle directory, byte[] name, in FileStat stat)
        => Bare(name, stat) with
        {
            Target = stat.Kind == EntryKind.Symlink ? Linux.ReadLink(directory, name) : [],
            Xattrs = Linux.ReadXattrs(directory, name),
        };

    private static TreeEntry Bare(byte[] name, in FileStat stat) => new()
    {
        Name = name,
        Kind = stat.Kind!.Value,
        Mode = stat.Kind == EntryKind.Symlink ? (ushort)0 : stat.Mode,
        Uid = stat.Uid,
        Gid = stat.Gid,
        Size = stat.Kind == EntryKind.File ? stat.Size : 0,
        Modified = stat.Kind is EntryKind.Directory or EntryKind.Symlink ? default : stat.Modified,
        Major = stat.Kind is EntryKind.CharacterDevice or EntryKind.BlockDevice ? stat.Major : 0,
        Minor = stat.Kind is EntryKind.CharacterDevice or EntryKind.BlockDevice ? stat.Minor : 0,
        Target = stat.Kind == EntryKind.Symlink ? "?"u8.ToArray() : [],
    };

    internal Digest? Known(in FileStat stat) => stat.Size == 0 ? Digest.Empty : trustCache ? cache?.Find(stat) : null;

    /// <summary>The digest of a file, read while it held still.</summary>
    /// <param name="stat">Seen before; on return, as it was while the content was read.</param>
    /// <param name="changed">True if that is not what it was on entry.</param>
    private Digest Content(SafeFileHandle directory, byte[] name, ref FileStat stat, CancellationToken cancellationToken, out bool changed)
    {
        changed = false;
        if (Known(stat) is { } known)
        {
            return known;
        }

        using var file = Open(directory, name);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var before = Linux.Stat(file);
            changed |= !before.SameVersion(stat);
            stat = before;
            RequireReadable(name, stat);
            var readAt = time.GetUtcNow();
            var digest = Hash(file, before, cancellationToken);
            if (digest is { } whole && Linux.Stat(file).SameVersion(before))
            {
                cache?.Add(before, whole, readAt);
                return whole;
            }
        }

        throw new ProblemException(ProblemKind.Unavailable, "file.changing", $"{TreeText.Show(name)} changed each of the {Attempts} times it was read");
    }

    private static void RequireReadable(byte[] name, in FileStat stat)
    {
        if (stat.Size > ObjectLimits.File)
        {
            throw new ProblemException(ProblemKind.TooLarge, "file.limit",
                $"{TreeText.Show(name)} has {stat.Size} bytes; files of at most {ObjectLimits.File} are read. A filter with 'ignore' and its path leaves it alone");
        }
    }

    private static SafeFileHandle Open(SafeFileHandle directory, byte[] name)
    {
        // Non-blocking, in case a fifo has taken the file's place since we looked.
        const OpenFlags flags = OpenFlags.Read | OpenFlags.NonBlocking;
        var errno = Linux.TryOpenBeneath(directory, name, flags | OpenFlags.NoAccessTime, 0, out var file);
        return errno switch
        {
            0 => file!,
            Errno.EPERM => Linux.OpenBeneath(directory, name, flags),
            _ => throw Linux.Problem(errno, "open", name),
        };
    }

    // Null if the file ended before its size.
    private Digest? Hash(SafeFileHandle file, in FileStat stat, CancellationToken cancellationToken)
    {
        if (stat.Kind != EntryKind.File)
        {
            throw new ProblemException(ProblemKind.Unavailable, "file.changing", "something else took the place of a file while it was read");
        }

        sha ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        buffer ??= ArrayPool<byte>.Shared.Rent(BufferSize);
        Span<byte> bytes = stackalloc byte[DigestBytes.Size];
        var whole = false;
        try
        {
            whole = stat.Occupied < stat.Size ? HashAroundHoles(file, stat.Size, cancellationToken) : HashData(file, 0, stat.Size, cancellationToken);
        }
        finally
        {
            // Also after a failed read, whose bytes would else be the beginning of the next file.
            sha.GetHashAndReset(bytes);
        }

        return whole ? new Digest(bytes) : null;
    }

    private bool HashAroundHoles(SafeFileHandle file, long size, CancellationToken cancellationToken)
    {
        for (long position = 0; position < size;)
        {
            var data = Math.Min(Linux.NextData(file, position) ?? size, size);
            while (position < data)
            {
                var count = (int)Math.Min(Zeros.Length, data - position);
                sha!.AppendData(Zeros, 0, count);
                position += count;
                cancellationToken.ThrowIfCancellationRequested();

                // A hole costs no disk, but the pace is for the processor too.
                pace?.Spend(count, cancellationToken);
            }

            if (position < size)
            {
                var hole = Math.Min(Linux.NextHole(file, position) ?? size, size);
                if (!HashData(file, position, hole, cancellationToken))
                {
                    return false;
                }

                position = hole;
            }
        }

        return true;
    }

    private bool HashData(SafeFileHandle file, long position, long end, CancellationToken cancellationToken)
    {
        while (position < end)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Linux.Read(file, buffer.AsSpan(0, (int)Math.Min(BufferSize, end - position)), position);
            if (count == 0)
            {
                return false;
            }

            sha!.AppendData(buffer!, 0, count);
            position += count;
            progress?.Read(count);
            pace?.Spend(count, cancellationToken);
        }

        return true;
    }
}
