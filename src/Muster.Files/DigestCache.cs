using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Core.Trees;

namespace Muster.Files;

/// <summary>
/// Remembers the digests of files across scans and restarts, by (device, inode, size, mtime, ctime). It may forget at any time
/// and is never the truth: what it cannot vouch for is read again. Written by programs that set mtime back are no danger,
/// because ctime cannot be set; writes through mmap are what the slow verifying scan is for. Safe to use from several threads.
/// </summary>
public sealed class DigestCache
{
    /// <summary>Most digests that are kept; at 80 bytes each.</summary>
    public const int MaxEntries = 4_000_000;

    private const int HeaderSize = 16, RecordSize = 80;

    // A file written twice within one tick of the file system's clock looks the same after both.
    // Two seconds is the coarsest clock in use (FAT).
    private static readonly TimeSpan Racy = TimeSpan.FromSeconds(2);

    private readonly Dictionary<(ulong Device, ulong Inode), Known> known = [];
    private readonly Lock gate = new();
    private int generation;

    private readonly record struct Known(long Size, FileTime Modified, FileTime Changed, Digest Digest, int Generation);

    public int Count
    {
        get
        {
            lock (gate)
            {
                return known.Count;
            }
        }
    }

    private static ReadOnlySpan<byte> Magic => "MDGC\0\0\0\u0001"u8;

    /// <summary>The digest of exactly this version of the file, or null.</summary>
    public Digest? Find(in FileStat stat)
    {
        lock (gate)
        {
            if (!known.TryGetValue((stat.Device, stat.Inode), out var found)
                || found.Size != stat.Size || found.Modified != stat.Modified || found.Changed != stat.Changed)
            {
                return null;
            }

            if (found.Generation != generation)
            {
                known[(stat.Device, stat.Inode)] = found with { Generation = generation };
            }

            return found.Digest;
        }
    }

    /// <summary>Remembers what was read, unless the file changed so lately that a later change could look the same.</summary>
    /// <param name="stat">As it was both before and after reading.</param>
    /// <param name="digest">What was read.</param>
    /// <param name="readAt">The clock before reading began.</param>
    public void Add(in FileStat stat, Digest digest, DateTimeOffset readAt)
    {
        var safe = (readAt - Racy).ToUnixTimeSeconds();
        if (stat.Changed.Seconds >= safe || stat.Modified.Seconds >= safe)
        {
            return;
        }

        lock (gate)
        {
            if (known.Count < MaxEntries || known.ContainsKey((stat.Device, stat.Inode)))
            {
                known[(stat.Device, stat.Inode)] = new Known(stat.Size, stat.Modified, stat.Changed, digest, generation);
            }
        }
    }

    /// <summary>Begins a scan of everything: what it does not ask for can be dropped by <see cref="DropUnasked"/>.</summary>
    public void BeginFullScan()
    {
        lock (gate)
        {
            generation++;
        }
    }

    /// <summary>Forgets the files that nobody asked for since <see cref="BeginFullScan"/>: they are gone.</summary>
    public void DropUnasked()
    {
        lock (gate)
        {
            foreach (var (key, entry) in known)
            {
                if (entry.Generation != generation)
                {
                    known.Remove(key);
                }
            }
        }
    }

    /// <summary>Reads a saved cache. A damaged one is dropped, and <paramref name="complaint"/> says so.</summary>
    public static DigestCache Load(SafeFileHandle directory, ReadOnlySpan<byte> name, out string? complaint)
    {
        var cache = new DigestCache();
        complaint = null;
        try
        {
            if (AtomicFile.Read(directory, name, HeaderSize + (MaxEntries * RecordSize) + DigestBytes.Size) is { } bytes && !cache.Decode(bytes))
            {
                complaint = $"the remembered digests in {TreeText.Show(name)} are damaged and were dropped; every file is read again";
            }
        }
        catch (ProblemException e)
        {
            complaint = $"the remembered digests cannot be read and every file is read again: {e.Message}";
        }

        return cache;
    }

    /// <summary>Saves the cache; half a file is never seen.</summary>
    public void Save(SafeFileHandle directory, ReadOnlySpan<byte> name) => AtomicFile.Write(directory, name, Encode());

    // magic (8), count (8), records of 80 bytes, SHA-256 of all before it; integers little-endian.
    private byte[] Encode()
    {
        lock (gate)
        {
            var bytes = new byte[HeaderSize + (known.Count * RecordSize) + DigestBytes.Size];
            Magic.CopyTo(bytes);
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), known.Count);
            var rest = bytes.AsSpan(HeaderSize);
            foreach (var (key, entry) in known)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(rest, key.Device);
                BinaryPrimitives.WriteUInt64LittleEndian(rest[8..], key.Inode);
                BinaryPrimitives.WriteInt64LittleEndian(rest[16..], entry.Size);
                BinaryPrimitives.WriteInt64LittleEndian(rest[24..], entry.Modified.Seconds);
                BinaryPrimitives.WriteUInt32LittleEndian(rest[32..], entry.Modified.Nanoseconds);
                BinaryPrimitives.WriteInt64LittleEndian(rest[36..], entry.Changed.Seconds);
                BinaryPrimitives.WriteUInt32LittleEndian(rest[44..], entry.Changed.Nanoseconds);
                entry.Digest.Bytes.CopyTo(rest[48..]);
                rest = rest[RecordSize..];
            }

            SHA256.HashData(bytes.AsSpan(0, bytes.Length - DigestBytes.Size), rest);
            return bytes;
        }
    }

    private bool Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderSize + DigestBytes.Size || !bytes.StartsWith(Magic)
            || BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]) is var count && bytes.Length != HeaderSize + (count * RecordSize) + DigestBytes.Size
            || Digest.Of(bytes[..^DigestBytes.Size]) != new Digest(bytes[^DigestBytes.Size..]))
        {
            return false;
        }

        var records = bytes[HeaderSize..^DigestBytes.Size];
        known.EnsureCapacity(records.Length / RecordSize);
        for (; !records.IsEmpty; records = records[RecordSize..])
        {
            var key = (BinaryPrimitives.ReadUInt64LittleEndian(records), BinaryPrimitives.ReadUInt64LittleEndian(records[8..]));
            known[key] = new Known(
                BinaryPrimitives.ReadInt64LittleEndian(records[16..]),
                new FileTime(BinaryPrimitives.ReadInt64LittleEndian(records[24..]), BinaryPrimitives.ReadUInt32LittleEndian(records[32..])),
                new FileTime(BinaryPrimitives.ReadInt64LittleEndian(records[36..]), BinaryPrimitives.ReadUInt32LittleEndian(records[44..])),
                new Digest(records.Slice(48, DigestBytes.Size)),
                generation);
        }

        return true;
    }
}
