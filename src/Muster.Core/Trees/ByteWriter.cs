using System.Buffers;
using System.Buffers.Binary;
using Muster.Core.Objects;

namespace Muster.Core.Trees;

/// <summary>Writes the primitives of the binary formats: little-endian numbers, shortest LEB128 variable numbers, counted bytes.</summary>
/// <param name="capacity">Bytes to make room for at first.</param>
public sealed class ByteWriter(int capacity = 256)
{
    private readonly ArrayBufferWriter<byte> buffer = new(capacity);

    /// <summary>What was written so far.</summary>
    public ReadOnlySpan<byte> Written => buffer.WrittenSpan;

    /// <summary>Copies what was written.</summary>
    public byte[] ToArray() => buffer.WrittenSpan.ToArray();

    /// <summary>One byte.</summary>
    public void Byte(byte value) => buffer.Write([value]);

    /// <summary>Two bytes, little-endian.</summary>
    public void UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(buffer.GetSpan(2), value);
        buffer.Advance(2);
    }

    /// <summary>Four bytes, little-endian.</summary>
    public void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(buffer.GetSpan(4), value);
        buffer.Advance(4);
    }

    /// <summary>Eight bytes, little-endian two's complement.</summary>
    public void Int64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(buffer.GetSpan(8), value);
        buffer.Advance(8);
    }

    /// <summary>Unsigned LEB128 in its shortest form: seven bits a byte, lowest first, top bit set on all but the last.</summary>
    public void Variable(ulong value)
    {
        while (value >= 0x80)
        {
            Byte((byte)(value | 0x80));
            value >>= 7;
        }

        Byte((byte)value);
    }

    /// <summary>Bytes as they are.</summary>
    public void Raw(ReadOnlySpan<byte> bytes) => buffer.Write(bytes);

    /// <summary>A variable length, then that many bytes.</summary>
    public void Counted(ReadOnlySpan<byte> bytes)
    {
        Variable((ulong)bytes.Length);
        Raw(bytes);
    }

    /// <summary>The 32 bytes of a digest.</summary>
    public void Digest(Digest digest) => Raw(digest.Bytes);
}
