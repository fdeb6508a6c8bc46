using System.Buffers.Binary;

namespace Muster.Files.Tar;

/// <summary>One block of 512 bytes before a member, in the layouts of ustar, GNU and the old seventh edition.</summary>
internal readonly ref struct TarHeader(ReadOnlySpan<byte> block, long offset)
{
    public const int Size = 512;

    private readonly ReadOnlySpan<byte> block = block;

    public byte Type => block[156];

    public bool IsGnu => block.Slice(257, 8).SequenceEqual("ustar  \0"u8);

    public bool IsUstar => block.Slice(257, 6).SequenceEqual("ustar\0"u8);

    public ReadOnlySpan<byte> LinkName => Text(157, 100);

    /// <summary>The name, with ustar's prefix before it.</summary>
    public byte[] Name => IsUstar && Text(345, 155) is { IsEmpty: false } prefix ? [.. prefix, (byte)'/', .. Text(0, 100)] : Text(0, 100).ToArray();

    public long Mode => Number(100, 8, "mode");

    public long Uid => Number(108, 8, "owner");

    public long Gid => Number(116, 8, "group");

    public long Bytes => Number(124, 12, "size");

    public long Modified => Number(136, 12, "time");

    public long Major => IsUstar || IsGnu ? Number(329, 8, "device") : 0;

    public long Minor => IsUstar || IsGnu ? Number(337, 8, "device") : 0;

    /// <summary>The length of an old GNU sparse file with its holes.</summary>
    public long SparseSize => Number(483, 12, "size");

    public bool HasMoreSparse => block[482] != 0;

    public bool IsZero => block.IndexOfAnyExcept((byte)0) < 0;

    /// <summary>True if the checksum is right: unsigned as the standard has it, or signed as some old programs wrote it.</summary>
    public bool IsIntact()
    {
        int unsigned = 8 * ' ', signed = 8 * ' ';
        for (var index = 0; index < Size; index++)
        {
            if (index is < 148 or >= 156)
            {
                unsigned += block[index];
                signed += (sbyte)block[index];
            }
        }

        return TryOctal(block.Slice(148, 8), out var sum) && (sum == unsigned || sum == signed);
    }

    /// <summary>Pairs of offset and length: four in the header of an old GNU sparse file, 21 in each block after it.</summary>
    public void SparsePairs(int at, int count, List<(long Offset, long Length)> pairs)
    {
        for (var index = 0; index < count && block[at + (index * 24)] != 0; index++)
        {
            pairs.Add((Number(at + (index * 24), 12, "hole"), Number(at + (index * 24) + 12, 12, "hole")));
        }
    }

    private ReadOnlySpan<byte> Text(int at, int length)
    {
        var text = block.Slice(at, length);
        var end = text.IndexOf((byte)0);
        return end < 0 ? text : text[..end];
    }

    private long Number(int at, int length, string what)
    {
        var field = block.Slice(at, length);
        if ((field[0] & 0x80) != 0)
        {
            return Binary(field) ?? throw TarProblem.At("number", offset, Text(0, 100), $"a {what} is larger than any can be");
        }

        return TryOctal(field, out var value) ? value : throw TarProblem.At("number", offset, Text(0, 100), $"a {what} is not a number");
    }

    // GNU's base 256: the first byte is 0x80 for what is positive and 0xFF for what is negative.
    private static long? Binary(ReadOnlySpan<byte> field)
    {
        var negative = field[0] == 0xFF;
        if (!negative && field[0] != 0x80)
        {
            return null;
        }

        if (field.Length > 8)
        {
            var value = BinaryPrimitives.ReadInt64BigEndian(field[^8..]);
            return field[1..^8].IndexOfAnyExcept(negative ? (byte)0xFF : (byte)0) < 0 && value < 0 == negative ? value : null;
        }

        return Short(field, negative);
    }

    private static long Short(ReadOnlySpan<byte> field, bool negative)
    {
        long value = negative ? -1 : 0;
        foreach (var one in field[1..])
        {
            value = (value << 8) | one;
        }

        return value;
    }

    private static bool TryOctal(ReadOnlySpan<byte> field, out long value)
    {
        value = 0;
        field = field.Trim(" \0"u8);
        foreach (var digit in field)
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                return false;
            }

            value = (value << 3) | (long)(digit - '0');
        }

        return true;
    }
}
