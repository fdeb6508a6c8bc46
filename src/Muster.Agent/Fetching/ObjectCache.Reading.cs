using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Muster.Agent.Applying;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Files;

namespace Muster.Agent.Fetching;

// What is in the cache, checked as it is read.
internal sealed partial class ObjectCache
{
    /// <summary>The content of a directory, tree or image object; null if it is not here or was damaged.</summary>
    public byte[]? Find(ObjectReference reference)
    {
        if (reference.Digest == Digest.Empty)
        {
            return [];
        }

        var content = new ArrayBufferWriter<byte>(1024);
        return TryRead(reference, MostStructure, bytes => content.Write(bytes)) && Digest.Of(content.WrittenSpan) == reference.Digest
            ? content.WrittenSpan.ToArray()
            : Drop(reference);
    }

    /// <summary>Writes the content of a file. False if it is not here; the caller checks the digest and calls <see cref="Drop"/> if it is wrong.</summary>
    public bool TryWrite(Digest digest, long size, ContentWriter target) =>
        TryRead(new ObjectReference(ObjectKind.File, digest), size, target.Write);

    private bool TryRead(ObjectReference reference, long most, TakeBytes take)
    {
        if (Linux.TryOpenBeneath(Shelf(reference.Digest), NameOf(reference), OpenFlags.Read, 0, out var file) != 0)
        {
            return false;
        }

        using (file)
        {
            try
            {
                var header = new byte[HeaderSize];
                if (Linux.Read(file!, header, 0) == HeaderSize && header[0] <= 1 && BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(1)) is var length && length <= most
                    && ReadStored(file!, header[0] == 1, Linux.Stat(file!).Size, take) == length)
                {
                    return true;
                }
            }
            catch (ProblemException e) when (e.Code is "zstd.invalid" or "file.input-output")
            {
                // Damaged, or the medium gives it no more: the same for us.
            }
        }

        Drop(reference);
        return false;
    }

    // Gives the content in pieces and returns its length.
    private static long ReadStored(SafeFileHandle file, bool isCompressed, long end, TakeBytes take)
    {
        using var stored = new StoredStream(file, HeaderSize, end);
        using Stream content = isCompressed ? new ZstdReadStream(stored) : stored;
        var buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            long length = 0;
            while (content.Read(buffer, 0, BlockSize) is var count and > 0)
            {
                take(buffer.AsSpan(0, count));
                length += count;
            }

            return length;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private delegate void TakeBytes(ReadOnlySpan<byte> bytes);

    /// <summary>The stored bytes of one file, from a position on.</summary>
    private sealed class StoredStream(SafeFileHandle file, long from, long end) : ForwardStream
    {
        private long position = from;

        public override bool CanRead => true;

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var count = Linux.Read(file, buffer[..(int)Math.Min(buffer.Length, Math.Max(0, end - position))], position);
            position += count;
            return count;
        }
    }
}
