using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Files;

namespace Muster.Agent.Fetching;

/// <summary>
/// The content of the wanted image on the machine itself, so that a file is put back in milliseconds and without a server. It may
/// lose anything at any time and is believed in nothing: every digest is checked when it comes and again when it is used, and what is
/// damaged is dropped. Safe to use from several threads.
/// </summary>
internal sealed partial class ObjectCache : IDisposable
{
    public const int MostStructure = ObjectLimits.Structure;

    // Before the stored bytes: encoding (1), length of the content (8).
    private const int HeaderSize = 9;

    private const int BlockSize = 256 * 1024;

    private readonly SafeFileHandle folder;
    private readonly SafeFileHandle[] shelves;
    private readonly SafeFileHandle incoming;
    private long numbers;

    public ObjectCache(SafeFileHandle state)
    {
        folder = StateFolder.OpenFolder(state, "cache"u8);
        incoming = StateFolder.OpenFolder(folder, "new"u8);
        foreach (var left in List(incoming))
        {
            Linux.Unlink(incoming, left);
        }

        shelves = [.. Enumerable.Range(0, 256).Select(first => StateFolder.OpenFolder(folder, Encoding.ASCII.GetBytes($"{first:x2}")))];
    }

    /// <summary>Bytes on disk when last counted.</summary>
    public long Bytes { get; private set; }

    /// <summary>Room on its disk.</summary>
    public FileSystemRoom Room => Linux.RoomOf(folder);

    /// <summary>Told of each object that was found damaged and was dropped.</summary>
    public event Action<ObjectReference>? Damaged;

    public void Dispose()
    {
        foreach (var shelf in shelves)
        {
            shelf.Dispose();
        }

        incoming.Dispose();
        folder.Dispose();
    }

    /// <summary>
    /// Brings all that was added to the medium. Until then a power cut may leave names with nothing in them, which are noticed when they
    /// are used and then have to be fetched.
    /// </summary>
    public void Flush() => Linux.FlushFileSystem(folder);

    public bool Has(ObjectReference reference) =>
        reference.Digest == Digest.Empty || Linux.FindStat(Shelf(reference.Digest), NameOf(reference)) is not null;

    /// <summary>Stores what a server sent, compressed as it came, if it is what it is called.</summary>
    /// <returns>False if it is not; then nothing is stored.</returns>
    public async Task<bool> TryAddAsync(ObjectReference reference, bool isCompressed, long length, Stream stored, CancellationToken cancellationToken)
    {
        var temporary = NewName();
        try
        {
            using (var file = Linux.OpenBeneath(incoming, temporary, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Exclusive, 0x180))
            {
                var end = await WriteAsync(file, isCompressed, length, stored, cancellationToken);
                using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                if (ReadStored(file, isCompressed, end, sha.AppendData) != length || new Digest(sha.GetHashAndReset()) != reference.Digest)
                {
                    return false;
                }
            }

            Linux.Rename(incoming, temporary, Shelf(reference.Digest), NameOf(reference));
            return true;
        }
        catch (ProblemException e) when (e.Code == "zstd.invalid")
        {
            return false;
        }
        finally
        {
            if (Linux.FindStat(incoming, temporary) is not null)
            {
                Linux.Unlink(incoming, temporary);
            }
        }
    }

    /// <summary>Stores content that is at hand, compressed where that makes it smaller; false if it is not what it is called.</summary>
    public bool TryAdd(ObjectReference reference, ReadOnlySpan<byte> content)
    {
        if (Digest.Of(content) != reference.Digest)
        {
            return false;
        }

        var packed = ArrayPool<byte>.Shared.Rent(HeaderSize + content.Length);
        try
        {
            var compressed = Zstd.TryCompress(content, packed.AsSpan(HeaderSize, content.Length));
            if (compressed is null)
            {
                content.CopyTo(packed.AsSpan(HeaderSize));
            }

            Header(compressed is not null, content.Length).CopyTo(packed.AsSpan());
            var temporary = NewName();
            using (var file = Linux.OpenBeneath(incoming, temporary, OpenFlags.Write | OpenFlags.Create | OpenFlags.Exclusive, 0x180))
            {
                Linux.Write(file, packed.AsSpan(0, HeaderSize + (compressed ?? content.Length)), 0);
            }

            Linux.Rename(incoming, temporary, Shelf(reference.Digest), NameOf(reference));
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(packed);
        }
    }

    /// <summary>As the other, for content too large to hold: it comes in pieces.</summary>
    /// <param name="read">Gives the pieces to what it is given; false if it could not.</param>
    public bool TryAdd(ObjectReference reference, long length, Func<Action<ReadOnlyMemory<byte>>, bool> read)
    {
        var temporary = NewName();
        try
        {
            using (var file = Linux.OpenBeneath(incoming, temporary, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Exclusive, 0x180))
            {
                using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                using var target = new FileStream(file, FileAccess.Write, bufferSize: 0);
                target.Write(Header(true, length));
                using (var packed = new ZstdWriteStream(target))
                {
                    if (!read(bytes => Both(bytes.Span)))
                    {
                        return false;
                    }

                    void Both(ReadOnlySpan<byte> bytes)
                    {
                        sha.AppendData(bytes);
                        packed.Write(bytes);
                    }
                }

                if (new Digest(sha.GetHashAndReset()) != reference.Digest)
                {
                    return false;
                }
            }

            Linux.Rename(incoming, temporary, Shelf(reference.Digest), NameOf(reference));
            return true;
        }
        catch (IOException e)
        {
            throw new ProblemException(ProblemKind.Full, "file.full", $"cannot write to the local cache: {e.Message}", e);
        }
        finally
        {
            if (Linux.FindStat(incoming, temporary) is not null)
            {
                Linux.Unlink(incoming, temporary);
            }
        }
    }

    /// <summary>Forgets an object that turned out to be damaged.</summary>
    public byte[]? Drop(ObjectReference reference)
    {
        if (Linux.FindStat(Shelf(reference.Digest), NameOf(reference)) is not null)
        {
            Linux.Unlink(Shelf(reference.Digest), NameOf(reference));
            Damaged?.Invoke(reference);
        }

        return null;
    }

    /// <summary>Drops everything that is not in <paramref name="keep"/>, and then the largest until the rest fits.</summary>
    /// <returns>Bytes that are left, and those that had to go because of the limit.</returns>
    public (long Left, long Cut) Trim(IReadOnlySet<ObjectReference> keep, long limit)
    {
        var left = new List<(long Size, ObjectReference Reference)>();
        long total = 0, cut = 0;
        foreach (var shelf in shelves)
        {
            foreach (var name in List(shelf))
            {
                if (Parse(name) is not { } reference || !keep.Contains(reference))
                {
                    Linux.Unlink(shelf, name);
                }
                else if (Linux.FindStat(shelf, name) is { } stat)
                {
                    left.Add((stat.Occupied, reference));
                    total += stat.Occupied;
                }
            }
        }

        left.Sort(static (a, b) => b.Size.CompareTo(a.Size));
        foreach (var (size, reference) in left)
        {
            // Without the directories nothing could be compared after a restart.
            if (total <= limit)
            {
                break;
            }

            if (reference.Kind == ObjectKind.File)
            {
                Linux.Unlink(Shelf(reference.Digest), NameOf(reference));
                total -= size;
                cut += size;
            }
        }

        Bytes = total;
        return (total, cut);
    }

    private static async Task<long> WriteAsync(SafeFileHandle file, bool isCompressed, long length, Stream stored, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            Linux.Write(file, Header(isCompressed, length), 0);
            long end = HeaderSize;
            while (await stored.ReadAsync(buffer.AsMemory(0, BlockSize), cancellationToken) is var count and > 0)
            {
                Linux.Write(file, buffer.AsSpan(0, count), end);
                end += count;
            }

            return end;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Header(bool isCompressed, long length)
    {
        var header = new byte[HeaderSize];
        header[0] = isCompressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(1), length);
        return header;
    }

    private static List<byte[]> List(SafeFileHandle folder)
    {
        using var open = Linux.OpenBeneath(folder, "."u8, OpenFlags.Read | OpenFlags.Directory);
        return Linux.ListNames(open, int.MaxValue);
    }

    private byte[] NewName() => Encoding.ASCII.GetBytes($"{Interlocked.Increment(ref numbers)}");

    private SafeFileHandle Shelf(Digest digest) => shelves[digest.Bytes[0]];

    // Kind, a dash, the digest.
    private static byte[] NameOf(ObjectReference reference) => Encoding.ASCII.GetBytes($"{(int)reference.Kind}-{reference.Digest}");

    private static ObjectReference? Parse(ReadOnlySpan<byte> name)
    {
        var text = Encoding.ASCII.GetString(name);
        return text.Length == 66 && text[1] == '-' && text[0] is >= '1' and <= '4' && Digest.TryParse(text[2..], out var digest)
            ? new ObjectReference((ObjectKind)(text[0] - '0'), digest)
            : null;
    }
}
