using System.Buffers.Binary;
using Muster.Core.Objects;

namespace Muster.Server.Objects.S3;

/// <summary>
/// How objects lie in a pack (docs/formats/object.md): one after another, each behind a header that names it, so that the index could be
/// made anew from the bucket alone.
/// </summary>
internal static class PackFormat
{
    public const int HeaderSize = 64;

    /// <summary>Where the length is not known beforehand: to the end of the pack.</summary>
    public const long ToTheEnd = -1;

    /// <summary><c>MOBJ</c>, version 2, encoding, kind, zero, i64 length, i64 stored length, digest, eight zeros; little-endian.</summary>
    public static void WriteHeader(ObjectReference reference, StoredForm form, long storedLength, Span<byte> header)
    {
        header.Clear();
        "MOBJ"u8.CopyTo(header);
        header[4] = 2;
        header[5] = (byte)form.Encoding;
        header[6] = (byte)reference.Kind;
        BinaryPrimitives.WriteInt64LittleEndian(header[8..], form.Length);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], storedLength);
        reference.Digest.Bytes.CopyTo(header[24..]);
    }
}
