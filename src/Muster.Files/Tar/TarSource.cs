using Microsoft.Win32.SafeHandles;
using Muster.Core.Problems;

namespace Muster.Files.Tar;

/// <summary>
/// The bytes of an archive, read once from front to back. What comes from a compressed archive or a pipe is kept in a file without
/// a name meanwhile, so that in the end every byte can be read again at its offset.
/// </summary>
internal sealed class TarSource : IDisposable
{
    private readonly Stream stream;
    private readonly SafeFileHandle bytes;
    private readonly bool isSpill;
    private readonly long limit;

    private TarSource(Stream stream, SafeFileHandle bytes, bool isSpill, long limit)
    {
        this.stream = stream;
        this.bytes = bytes;
        this.isSpill = isSpill;
        this.limit = limit;
    }

    /// <summary>How far we are.</summary>
    public long Offset { get; private set; }

    /// <summary>The uncompressed archive, for reading at an offset.</summary>
    public SafeFileHandle Bytes => bytes;

    public static TarSource Open(Stream archive, string spillFolder, long limit)
    {
        var head = new byte[6];
        var length = archive.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        var magic = head.AsSpan(0, length);
        Stream? inner = magic switch
        {
            [0x1F, 0x8B, ..] => new System.IO.Compression.GZipStream(Again(archive, head, length), System.IO.Compression.CompressionMode.Decompress),
            [0x28, 0xB5, 0x2F, 0xFD, ..] => new ZstdReadStream(Again(archive, head, length)),
            [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0] => throw Compressed("xz", "xz"),
            [(byte)'B', (byte)'Z', (byte)'h', ..] => throw Compressed("bzip2", "bzip2"),
            [0x5D, 0, 0, ..] => throw Compressed("lzma", "lzma"),
            _ => null,
        };
        if (inner is null && archive is FileStream { CanSeek: true } file)
        {
            file.Seek(0, SeekOrigin.Begin);
            return new TarSource(file, file.SafeFileHandle, isSpill: false, limit);
        }

        return new TarSource(inner ?? Again(archive, head, length), Spill(spillFolder), isSpill: true, limit);
    }

    /// <summary>Reads as much as there is, up to the whole buffer.</summary>
    public int Read(Span<byte> buffer)
    {
        int length;
        try
        {
            length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        }
        catch (InvalidDataException e)
        {
            throw TarProblem.At("compression", Offset, [], $"its compressed bytes are damaged: {e.Message}");
        }

        if (isSpill)
        {
            Linux.Write(bytes, buffer[..length], Offset);
        }

        Offset += length;
        return Offset <= limit ? length : throw new ProblemException(ProblemKind.TooLarge, "tar.limit", $"the archive holds more than {limit} bytes");
    }

    public void Dispose()
    {
        stream.Dispose();
        bytes.Dispose();
    }

    private static SafeFileHandle Spill(string folder)
    {
        using var directory = Linux.OpenRoot(folder);
        if (Linux.OpenUnnamed(directory, 0x180) is { } unnamed)
        {
            return unnamed;
        }

        var name = System.Text.Encoding.ASCII.GetBytes($".{Guid.NewGuid():N}.tar");
        var file = Linux.OpenBeneath(directory, name, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Exclusive, 0x180);
        Linux.Unlink(directory, name);
        return file;
    }

    private static ProblemException Compressed(string format, string program)
        => new(ProblemKind.Invalid, "tar.compression", $"the archive is compressed with {format}, which is not read here; uncompress it with {program} -d first, or use gzip or zstd");

    private static PrefixedStream Again(Stream archive, byte[] head, int length) => new(head.AsMemory(0, length), archive);

    /// <summary>Gives back the bytes that were read to recognise the format.</summary>
    private sealed class PrefixedStream(ReadOnlyMemory<byte> head, Stream rest) : ForwardStream
    {
        private ReadOnlyMemory<byte> head = head;

        public override bool CanRead => true;

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (head.IsEmpty)
            {
                return rest.Read(buffer);
            }

            var count = Math.Min(buffer.Length, head.Length);
            head.Span[..count].CopyTo(buffer);
            head = head[count..];
            return count;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                rest.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
