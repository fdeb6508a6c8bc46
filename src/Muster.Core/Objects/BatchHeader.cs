using System.Buffers;
using Muster.Core.Problems;
using Muster.Core.Trees;

namespace Muster.Core.Objects;

/// <summary>How the bytes of an object travel and lie on disk. Numbers are those on the wire.</summary>
public enum ObjectEncoding : byte
{
    /// <summary>As they are.</summary>
    Plain = 0,

    /// <summary>One Zstandard frame.</summary>
    Zstd = 1,
}

/// <summary>What stands before each object of a batch (docs/formats/object.md); <see cref="StoredLength"/> bytes follow it.</summary>
/// <param name="Reference">What the object claims to be; whoever receives it checks that against its uncompressed bytes.</param>
/// <param name="Encoding">How the bytes that follow are encoded.</param>
/// <param name="Length">Length when uncompressed.</param>
/// <param name="StoredLength">Length of what follows.</param>
public readonly record struct BatchHeader(ObjectReference Reference, ObjectEncoding Encoding, long Length, long StoredLength)
{
    /// <summary>Longest encoding of a header in bytes: a reader with that many bytes, or all there are, can read one.</summary>
    public const int MaxLength = 1 + DigestBytes.Size + 1 + 9 + 9;

    /// <summary>Writes the header.</summary>
    public void Write(ByteWriter writer)
    {
        writer.Byte((byte)Reference.Kind);
        writer.Digest(Reference.Digest);
        writer.Byte((byte)Encoding);
        writer.Variable((ulong)Length);
        writer.Variable((ulong)StoredLength);
    }

    /// <summary>
    /// Reads the header at the beginning of bytes and says how long it is. NeedMoreData if it is not whole yet.
    /// </summary>
    /// <exception cref="ProblemException">Invalid, <c>format.invalid</c>: this is no header.</exception>
    public static OperationStatus TryRead(ReadOnlySpan<byte> bytes, out BatchHeader header, out int consumed)
    {
        (header, consumed) = (default, 0);
        var lengths = 2 + DigestBytes.Size;
        if (bytes.Length <= lengths || Number(bytes[lengths..]) is not (> 0 and var first) || Number(bytes[(lengths + first)..]) is not (> 0 and var second))
        {
            return bytes.Length < MaxLength ? OperationStatus.NeedMoreData : throw new ByteReader(bytes, "batch of objects").Wrong("a length does not end");
        }

        var reader = new ByteReader(bytes[..(lengths + first + second)], "batch of objects");
        var kind = (ObjectKind)reader.Byte();
        var digest = reader.Digest();
        var encoding = (ObjectEncoding)reader.Byte();
        if (kind is < ObjectKind.File or > ObjectKind.Image || encoding is not (ObjectEncoding.Plain or ObjectEncoding.Zstd))
        {
            throw reader.Wrong($"object kind {(byte)kind} with encoding {(byte)encoding} is not known");
        }

        header = new BatchHeader(new ObjectReference(kind, digest), encoding, (long)reader.Variable(long.MaxValue), (long)reader.Variable(long.MaxValue));
        if (encoding == ObjectEncoding.Plain && header.Length != header.StoredLength)
        {
            throw reader.Wrong($"a plain object has {header.Length} bytes, but {header.StoredLength} are sent");
        }

        consumed = lengths + first + second;
        return OperationStatus.Done;
    }

    /// <summary>Length of the variable number that begins here; 0 if its end is not there.</summary>
    private static int Number(ReadOnlySpan<byte> bytes) => bytes[..Math.Min(bytes.Length, 10)].IndexOfAnyInRange((byte)0, (byte)0x7F) + 1;
}
