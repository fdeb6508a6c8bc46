using System.Buffers.Binary;
using Muster.Core.Objects;
using Muster.Core.Problems;

namespace Muster.Core.Trees;

/// <summary>Reads what <see cref="ByteWriter"/> writes, from a source that is not trusted: every fault is one clear <see cref="ProblemException"/>.</summary>
/// <param name="bytes">What to read.</param>
/// <param name="what">The name of the format for messages, such as "directory object".</param>
public ref struct ByteReader(ReadOnlySpan<byte> bytes, string what)
{
    private readonly ReadOnlySpan<byte> bytes = bytes;
    private int position;

    /// <summary>How many bytes are left.</summary>
    public readonly int Left => bytes.Length - position;

    /// <summary>One byte.</summary>
    public byte Byte() => Raw(1)[0];

    /// <summary>Two bytes, little-endian.</summary>
    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Raw(2));

    /// <summary>Four bytes, little-endian.</summary>
    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Raw(4));

    /// <summary>Eight bytes, little-endian.</summary>
    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Raw(8));

    /// <summary>An unsigned LEB128 number in its shortest form, at most <paramref name="limit"/>.</summary>
    public ulong Variable(ulong limit = ulong.MaxValue)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            var bits = (ulong)(next & 0x7F);
            if (shift == 63 && bits > 1)
            {
                throw Wrong("a number does not fit in 64 bits");
            }

            value |= bits << shift;
            if (next < 0x80)
            {
                if (next == 0 && shift > 0)
                {
                    throw Wrong("a number is not in its shortest form");
                }

                return value <= limit ? value : throw Wrong($"a number is {value}, at most {limit} is allowed");
            }
        }

        throw Wrong("a number does not end");
    }

    /// <summary>Counted bytes, at most <paramref name="limit"/> of them.</summary>
    public ReadOnlySpan<byte> Counted(int limit) => Raw((int)Variable((ulong)limit));

    /// <summary>A digest.</summary>
    public Digest Digest() => new(Raw(DigestBytes.Size));

    /// <summary>That many bytes.</summary>
    public ReadOnlySpan<byte> Raw(int count)
    {
        if (count > Left)
        {
            throw Wrong("it ends too early");
        }

        var taken = bytes.Slice(position, count);
        position += count;
        return taken;
    }

    /// <summary>Demands that nothing is left.</summary>
    public readonly void End()
    {
        if (Left > 0)
        {
            throw Wrong($"{Left} bytes follow its end");
        }
    }

    /// <summary>A fault at the present position.</summary>
    public readonly ProblemException Wrong(string why) =>
        new(ProblemKind.Invalid, "format.invalid", $"not a valid {what}: {why} (at byte {position})");
}
