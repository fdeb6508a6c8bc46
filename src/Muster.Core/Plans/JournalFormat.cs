using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using System.Text.Unicode;
using Muster.Core.Problems;
using Muster.Core.Trees;

namespace Muster.Core.Plans;

/// <summary>
/// The bytes of the apply journal (docs/formats/journal.md). Each record's checksum begins with that of the one before, so that nothing
/// left over from another journal, and nothing out of its place, passes for a record.
/// </summary>
public static class JournalFormat
{
    /// <summary>Version byte of the header.</summary>
    public const byte Version = 1;

    /// <summary>Length of the header in bytes.</summary>
    public const int HeaderLength = 33;

    /// <summary>Longest body of a record.</summary>
    public const int MaxRecord = 80 << 20;

    private const int MaxText = 4096;

    internal static byte[] Encode(JournalHeader header)
    {
        var writer = new ByteWriter();
        writer.Raw("MJNL"u8);
        writer.Byte(Version);
        writer.Raw(header.Installation.Value.ToByteArray(bigEndian: true));
        writer.Int64(header.Order);
        writer.UInt32(Checksum(0, writer.Written));
        return writer.ToArray();
    }

    internal static JournalHeader? DecodeHeader(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderLength || BinaryPrimitives.ReadUInt32LittleEndian(bytes[29..]) != Checksum(0, bytes[..29]))
        {
            return null;
        }

        if (!bytes[..4].SequenceEqual("MJNL"u8) || bytes[4] != Version)
        {
            throw new ProblemException(ProblemKind.Invalid, "journal.version", $"the journal has version {bytes[4]}, known is {Version}: let the agent that wrote it finish");
        }

        return new JournalHeader(new InstallationId(new Guid(bytes[5..21], bigEndian: true)), BinaryPrimitives.ReadInt64LittleEndian(bytes[21..]));
    }

    internal static byte[] Encode(JournalRecord record)
    {
        var writer = new ByteWriter();
        switch (record)
        {
            case JournalRecord.Begin begin:
                writer.Byte(1);
                writer.Digest(begin.Plan);
                writer.Digest(begin.Image);
                break;
            case JournalRecord.Staged staged:
                writer.Byte(2);
                Write(writer, staged);
                break;
            case JournalRecord.Commit commit:
                writer.Byte(3);
                writer.Variable((ulong)commit.Steps);
                break;
            case JournalRecord.Exchanged exchanged:
                writer.Byte(4);
                writer.Variable((ulong)exchanged.Step);
                break;
            case JournalRecord.Done:
                writer.Byte(5);
                break;
            case JournalRecord.RollBack back:
                writer.Byte(6);
                writer.Counted(Encoding.UTF8.GetBytes(back.Why.Length > MaxText / 4 ? back.Why[..(MaxText / 4)] : back.Why));
                break;
            case JournalRecord.Returned returned:
                writer.Byte(7);
                writer.Variable((ulong)returned.Step);
                break;
            case JournalRecord.Closed closed:
                writer.Byte(8);
                writer.Byte((byte)closed.Outcome);
                break;
        }

        return writer.ToArray();
    }

    internal static JournalRecord DecodeRecord(ReadOnlySpan<byte> body)
    {
        var reader = new ByteReader(body, "journal record");
        JournalRecord record = reader.Byte() switch
        {
            1 => new JournalRecord.Begin(reader.Digest(), reader.Digest()),
            2 => ReadStaged(ref reader),
            3 => new JournalRecord.Commit((int)reader.Variable(int.MaxValue)),
            4 => new JournalRecord.Exchanged((int)reader.Variable(int.MaxValue)),
            5 => new JournalRecord.Done(),
            6 => new JournalRecord.RollBack(Text(ref reader)),
            7 => new JournalRecord.Returned((int)reader.Variable(int.MaxValue)),
            8 => new JournalRecord.Closed(reader.Byte() is var outcome and (1 or 2) ? (JournalOutcome)outcome : throw reader.Wrong("an unknown outcome")),
            var kind => throw reader.Wrong($"{kind} is not a kind of record"),
        };
        reader.End();
        return record;
    }

    internal static uint Checksum(uint seed, ReadOnlySpan<byte> bytes)
    {
        var crc = ~seed;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (var one in bytes)
        {
            crc = BitOperations.Crc32C(crc, one);
        }

        return ~crc;
    }

    private static void Write(ByteWriter writer, JournalRecord.Staged staged)
    {
        writer.Variable((ulong)staged.Step);
        writer.Byte((byte)staged.Action);
        writer.Counted(staged.Path.Bytes);
        writer.Counted(Encoding.UTF8.GetBytes(staged.StageName));
        writer.Variable(staged.Device);
        writer.Variable(staged.Inode);
        Write(writer, staged.Path, staged.Before);
        Write(writer, staged.Path, staged.After);
    }

    // The entry's name is the path's; the root's is empty, which no entry of a directory may be.
    private static void Write(ByteWriter writer, TreePath path, TreeEntry? entry)
    {
        writer.Byte(entry is null ? (byte)0 : (byte)1);
        if (entry is not null)
        {
            EntryFormat.Write(writer, entry with { Name = path.IsRoot ? "root"u8.ToArray() : path.Name.ToArray() });
        }
    }

    private static JournalRecord.Staged ReadStaged(ref ByteReader reader)
    {
        var step = (int)reader.Variable(int.MaxValue);
        var action = reader.Byte() is var number and >= 1 and <= 4 ? (JournalAction)number : throw reader.Wrong("an unknown action");
        var bytes = reader.Counted(TreeFormat.MaxPath);
        var path = TreePath.IsValid(bytes) ? TreePath.FromBytes(bytes) : throw reader.Wrong($"'{TreeText.Show(bytes)}' is not a path");
        return new JournalRecord.Staged(step, action, path, Text(ref reader), reader.Variable(), reader.Variable(), ReadEntry(ref reader, path), ReadEntry(ref reader, path));
    }

    private static TreeEntry? ReadEntry(ref ByteReader reader, TreePath path)
    {
        switch (reader.Byte())
        {
            case 0:
                return null;
            case 1:
                var entry = EntryFormat.Read(ref reader);
                return entry.Name.AsSpan().SequenceEqual(path.IsRoot ? "root"u8 : path.Name)
                    ? (path.IsRoot ? entry with { Name = [] } : entry)
                    : throw reader.Wrong($"the entry of {path} has another name");
            default:
                throw reader.Wrong("an entry is neither there nor absent");
        }
    }

    private static string Text(ref ByteReader reader)
    {
        var bytes = reader.Counted(MaxText);
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : throw reader.Wrong("a text is not UTF-8");
    }
}
