using Muster.Core.Objects;

namespace Muster.Core.Trees;

/// <summary>The bytes of one entry, as they stand in directory objects, tree objects and the apply journal.</summary>
internal static class EntryFormat
{
    /// <summary>One entry of a directory, as it stands in the directory's object.</summary>
    public static void Write(ByteWriter writer, TreeEntry entry)
    {
        writer.Counted(entry.Name);
        writer.Byte((byte)entry.Kind);
        WriteAttributes(writer, entry);
    }

    /// <summary>Reads what <see cref="Write"/> writes.</summary>
    public static TreeEntry Read(ref ByteReader reader)
    {
        var name = reader.Counted(255);
        return TreePath.IsValidName(name)
            ? ReadAttributes(ref reader, (EntryKind)reader.Byte(), name.ToArray())
            : throw reader.Wrong($"'{TreeText.Show(name)}' is not a name");
    }

    public static void WriteAttributes(ByteWriter writer, TreeEntry entry)
    {
        writer.UInt16(entry.Mode);
        writer.Variable(entry.Uid);
        writer.Variable(entry.Gid);
        switch (entry.Kind)
        {
            case EntryKind.Directory:
                writer.Digest(entry.Content);
                break;
            case EntryKind.File:
                WriteTime(writer, entry.Modified);
                writer.Variable((ulong)entry.Size);
                writer.Digest(entry.Content);
                break;
            case EntryKind.Symlink or EntryKind.ComputedFile:
                writer.Counted(entry.Target);
                break;
            case EntryKind.CharacterDevice or EntryKind.BlockDevice:
                WriteTime(writer, entry.Modified);
                writer.Variable(entry.Major);
                writer.Variable(entry.Minor);
                break;
            case EntryKind.Fifo:
                WriteTime(writer, entry.Modified);
                break;
            default:
                throw new ArgumentException($"{entry.Kind} is not a kind of entry", nameof(entry));
        }

        writer.Variable((ulong)entry.Xattrs.Length);
        foreach (var xattr in entry.Xattrs)
        {
            writer.Counted(xattr.Name);
            writer.Counted(xattr.Value);
        }
    }

    public static TreeEntry ReadAttributes(ref ByteReader reader, EntryKind kind, byte[] name)
    {
        var mode = reader.UInt16();
        if (mode > 0xFFF || (kind == EntryKind.Symlink && mode != 0))
        {
            throw reader.Wrong($"mode {mode:x} is not allowed for {kind}");
        }

        var entry = new TreeEntry
        {
            Name = name,
            Kind = kind,
            Mode = mode,
            Uid = (uint)reader.Variable(uint.MaxValue),
            Gid = (uint)reader.Variable(uint.MaxValue),
        };
        entry = kind switch
        {
            EntryKind.Directory => entry with { Content = reader.Digest() },
            EntryKind.File => entry with { Modified = ReadTime(ref reader), Size = (long)reader.Variable(long.MaxValue), Content = reader.Digest() },
            EntryKind.Symlink or EntryKind.ComputedFile => entry with { Target = reader.Counted(TreeFormat.MaxTarget).ToArray() },
            EntryKind.CharacterDevice or EntryKind.BlockDevice => entry with
            {
                Modified = ReadTime(ref reader),
                Major = (uint)reader.Variable(uint.MaxValue),
                Minor = (uint)reader.Variable(uint.MaxValue),
            },
            EntryKind.Fifo => entry with { Modified = ReadTime(ref reader) },
            _ => throw reader.Wrong($"{(byte)kind} is not a kind of entry"),
        };
        if (kind == EntryKind.File && !entry.Content.IsNone && (entry.Size == 0) != (entry.Content == Digest.Empty))
        {
            throw reader.Wrong($"a file of {entry.Size} bytes has digest {entry.Content}");
        }

        if (entry.Target.AsSpan().Contains((byte)0) || (kind is EntryKind.Symlink or EntryKind.ComputedFile && entry.Target.Length == 0))
        {
            throw reader.Wrong("a target is empty or holds NUL");
        }

        return entry with { Xattrs = ReadXattrs(ref reader) };
    }

    private static Xattr[] ReadXattrs(ref ByteReader reader)
    {
        var count = (int)reader.Variable(TreeFormat.MaxXattrs);
        if (count == 0)
        {
            return [];
        }

        var xattrs = new List<Xattr>();
        for (var index = 0; index < count; index++)
        {
            var xattr = new Xattr(reader.Counted(255).ToArray(), reader.Counted(TreeFormat.MaxXattrValue).ToArray());
            if (xattr.Name.Length == 0 || xattr.Name.AsSpan().Contains((byte)0))
            {
                throw reader.Wrong("an extended attribute has no proper name");
            }

            if (index > 0 && xattrs[index - 1].Name.AsSpan().SequenceCompareTo(xattr.Name) >= 0)
            {
                throw reader.Wrong("extended attributes are not sorted");
            }

            xattrs.Add(xattr);
        }

        return [.. xattrs];
    }

    private static void WriteTime(ByteWriter writer, FileTime time)
    {
        writer.Int64(time.Seconds);
        writer.UInt32(time.Nanoseconds);
    }

    private static FileTime ReadTime(ref ByteReader reader)
    {
        var time = new FileTime(reader.Int64(), reader.UInt32());
        return time.Nanoseconds < 1_000_000_000 ? time : throw reader.Wrong("a time has more than 999,999,999 nanoseconds");
    }
}
