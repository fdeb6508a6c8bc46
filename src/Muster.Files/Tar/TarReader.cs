using System.Text;
using Muster.Core.Trees;

namespace Muster.Files.Tar;

/// <summary>
/// Reads the members of an archive one after another: ustar, pax, GNU and the old seventh edition, with long names, sparse files
/// (GNU old, 0.0, 0.1, 1.0), extended attributes and times to the nanosecond. An archive that ends early, or in which anything
/// makes no sense, is refused: half a root file system is worse than none.
/// </summary>
internal sealed class TarReader(TarSource source)
{
    private const int MaxExtendedHeader = 16 << 20;
    private const int MaxSparsePairs = 1 << 20;

    private readonly byte[] block = new byte[TarHeader.Size];
    private TarAttributes global = new();
    private byte[]? longName, longLink;

    /// <summary>The next member, or null at the end. What it stores must have been read before asking again.</summary>
    public TarMember? Next()
    {
        TarAttributes? local = null;
        while (true)
        {
            var offset = source.Offset;
            if (!ReadBlock(offset))
            {
                throw TarProblem.At("truncated", offset, [], "it ends without an end mark, so something is missing");
            }

            var header = new TarHeader(block, offset);
            if (header.IsZero)
            {
                return null;
            }

            if (!header.IsIntact())
            {
                throw offset == 0
                    ? TarProblem.At("header", offset, [], "it is not a tar archive")
                    : TarProblem.At("header", offset, [], "a header is damaged: its checksum is wrong");
            }

            switch ((char)header.Type)
            {
                case 'x' or 'X':
                    (local ??= global.Copy()).Read(Extended(header, offset), offset);
                    break;
                case 'g':
                    global.Read(Extended(header, offset), offset);
                    break;
                case 'L':
                    longName = Extended(header, offset).AsSpan().TrimEnd((byte)0).ToArray();
                    break;
                case 'K':
                    longLink = Extended(header, offset).AsSpan().TrimEnd((byte)0).ToArray();
                    break;
                case 'V':
                    Skip(header.Bytes, offset, header.Name);
                    break;
                default:
                    var member = Member(header, local ?? global, offset);
                    (longName, longLink) = (null, null);
                    return member;
            }
        }
    }

    /// <summary>Reads and drops the padding after stored bytes.</summary>
    public void SkipPadding(long stored, ReadOnlySpan<byte> member) => Skip(-stored & (TarHeader.Size - 1), source.Offset, member, padded: false);

    /// <summary>Reads exactly this much of what a member stores.</summary>
    public void ReadStored(Span<byte> buffer, ReadOnlySpan<byte> member)
    {
        if (source.Read(buffer) != buffer.Length)
        {
            throw TarProblem.At("truncated", source.Offset, member, "it ends in the middle of a file");
        }
    }

    private TarMember Member(in TarHeader header, TarAttributes pax, long offset)
    {
        var name = pax.SparseName ?? pax.Path ?? longName ?? header.Name;
        var stored = pax.Size ?? header.Bytes;
        var kind = Kind(header, name, offset);
        var hasData = kind == EntryKind.File || header.Type == (byte)'D';
        if (stored < 0)
        {
            throw TarProblem.At("number", offset, name, "its size is negative");
        }

        if (stored > 0 && header.Type == (byte)'1')
        {
            throw TarProblem.At("unsupported", offset, name, "a hard link brings content of its own");
        }

        stored = hasData ? stored : 0;
        var link = pax.LinkPath ?? longLink ?? header.LinkName.ToArray();
        var modified = pax.Modified ?? new FileTime(header.Modified, 0);
        var member = new TarMember
        {
            Offset = offset,
            Name = name,
            Kind = kind,
            LinkName = link,
            Mode = (ushort)(header.Mode & 0xFFF),
            Uid = Id(pax.Uid ?? header.Uid, name, offset),
            Gid = Id(pax.Gid ?? header.Gid, name, offset),
            Modified = modified,
            Major = kind is EntryKind.CharacterDevice or EntryKind.BlockDevice ? Id(header.Major, name, offset) : 0,
            Minor = kind is EntryKind.CharacterDevice or EntryKind.BlockDevice ? Id(header.Minor, name, offset) : 0,
            Xattrs = Xattrs(pax, name, offset),
            AccessLists = pax.AccessLists,
        };
        if (header.Type == (byte)'D')
        {
            Skip(stored, offset, name);
            return member;
        }

        return kind == EntryKind.File ? WithContent(member, header, pax, stored) : member;
    }

    private static EntryKind? Kind(in TarHeader header, ReadOnlySpan<byte> name, long offset) => (char)header.Type switch
    {
        // Before ustar a directory was a file whose name ends with a slash.
        '0' or '\0' or '7' => name.EndsWith("/"u8) ? EntryKind.Directory : EntryKind.File,
        'S' => EntryKind.File,
        '1' => null,
        '2' => EntryKind.Symlink,
        '3' => EntryKind.CharacterDevice,
        '4' => EntryKind.BlockDevice,
        '5' or 'D' => EntryKind.Directory,
        '6' => EntryKind.Fifo,
        'M' or 'N' => throw TarProblem.At("unsupported", offset, name, "it is one part of an archive of several volumes"),
        _ => throw TarProblem.At("unsupported", offset, name, $"a member has the unknown type {TreeText.Show([header.Type])}"),
    };

    private TarMember WithContent(TarMember member, in TarHeader header, TarAttributes pax, long stored)
    {
        List<(long Offset, long Length)>? map = null;
        long? size = null;
        if (header.Type == (byte)'S')
        {
            map = [];
            size = header.SparseSize;
            header.SparsePairs(386, 4, map);
            for (var more = header.HasMoreSparse; more;)
            {
                if (!ReadBlock(source.Offset) || map.Count > MaxSparsePairs)
                {
                    throw TarProblem.At("sparse", source.Offset, member.Name, "the map of its holes does not end");
                }

                var next = new TarHeader(block, source.Offset);
                next.SparsePairs(0, 21, map);
                more = block[504] != 0;
            }
        }
        else if (pax.IsSparseVersion1)
        {
            (map, var used) = MapBefore(member.Name, stored);
            (size, stored) = (pax.SparseSize, stored - used);
        }
        else if (pax.SparseMap is not null)
        {
            (map, size) = (pax.SparseMap, pax.SparseSize);
        }

        return map is null
            ? member with { Size = stored, Stored = stored, Extents = stored == 0 ? [] : [new TarExtent(0, stored, source.Offset)] }
            : member with { Size = size ?? -1, Stored = stored, Extents = Extents(map, size ?? -1, stored, member) };
    }

    // GNU 1.0 puts the map before the content: a count, then offsets and lengths, each on a line, padded to a block.
    private (List<(long, long)> Map, long Used) MapBefore(ReadOnlySpan<byte> name, long stored)
    {
        var numbers = new List<long>();
        long used = 0, count = -1;
        long number = 0;
        while (count < 0 || numbers.Count < count * 2)
        {
            if (used >= stored || !ReadBlock(source.Offset))
            {
                throw TarProblem.At("sparse", source.Offset, name, "the map of its holes is longer than the file");
            }

            used += TarHeader.Size;
            foreach (var one in block)
            {
                if (one == '\n' && count < 0)
                {
                    count = number <= MaxSparsePairs ? number : throw TarProblem.At("sparse", source.Offset, name, "it has too many holes");
                    number = 0;
                }
                else if (one == '\n')
                {
                    numbers.Add(number);
                    number = 0;
                }
                else if (one is >= (byte)'0' and <= (byte)'9' && number < long.MaxValue / 100)
                {
                    number = (number * 10) + (one - '0');
                }
                else
                {
                    throw TarProblem.At("sparse", source.Offset, name, "the map of its holes makes no sense");
                }

                if (numbers.Count == count * 2)
                {
                    break;
                }
            }
        }

        return ([.. numbers.Chunk(2).Select(pair => (pair[0], pair[1]))], used);
    }

    private List<TarExtent> Extents(List<(long Offset, long Length)> map, long size, long stored, TarMember member)
    {
        var extents = new List<TarExtent>();
        long end = 0, from = 0;
        foreach (var (at, length) in map)
        {
            if (at < end || length < 0 || length > size - at || length > stored - from)
            {
                throw TarProblem.At("sparse", member.Offset, member.Name, "the map of its holes does not fit its content");
            }

            if (length > 0)
            {
                extents.Add(new TarExtent(at, length, source.Offset + from));
            }

            (end, from) = (at + length, from + length);
        }

        return size >= 0 && from == stored ? extents : throw TarProblem.At("sparse", member.Offset, member.Name, "the map of its holes does not fit its content");
    }

    private static Xattr[] Xattrs(TarAttributes pax, ReadOnlySpan<byte> member, long offset)
    {
        var found = new List<Xattr>();
        foreach (var (key, value) in pax.Xattrs)
        {
            var name = Encoding.Latin1.GetBytes(key);
            if (!Linux.IsManagedXattr(name))
            {
                continue;
            }

            if (name.Length > Linux.NameMax || name.Contains((byte)0) || value.Length > TreeFormat.MaxXattrValue || found.Count == TreeFormat.MaxXattrs)
            {
                throw TarProblem.At("xattr", offset, member, "it has more, or larger, extended attributes than a file can have");
            }

            found.Add(new Xattr(name, value));
        }

        found.Sort(static (a, b) => a.Name.AsSpan().SequenceCompareTo(b.Name));
        return [.. found];
    }

    private static uint Id(long value, ReadOnlySpan<byte> name, long offset)
        => value is >= 0 and <= uint.MaxValue ? (uint)value : throw TarProblem.At("number", offset, name, $"the number {value} of an owner, group or device is none that Linux knows");

    private byte[] Extended(in TarHeader header, long offset)
    {
        var length = header.Bytes;
        if (length is < 0 or > MaxExtendedHeader)
        {
            throw TarProblem.At("pax", offset, [], $"an extended header has {length} bytes; {MaxExtendedHeader} are allowed");
        }

        var content = new byte[length];
        ReadStored(content, header.Name);
        SkipPadding(length, []);
        return content;
    }

    private void Skip(long length, long offset, ReadOnlySpan<byte> member, bool padded = true)
    {
        var rest = padded ? length + (-length & (TarHeader.Size - 1)) : length;
        if (length < 0)
        {
            throw TarProblem.At("number", offset, member, "a size is negative");
        }

        Span<byte> dropped = stackalloc byte[4096];
        while (rest > 0)
        {
            var part = dropped[..(int)Math.Min(rest, dropped.Length)];
            ReadStored(part, member);
            rest -= part.Length;
        }
    }

    private bool ReadBlock(long offset)
    {
        var length = source.Read(block);
        return length == 0 ? false : length == block.Length ? true : throw TarProblem.At("truncated", offset, [], "it ends in the middle of a header");
    }
}
