using System.Buffers;
using Muster.Core.Objects;
using Muster.Core.Trees;
using Muster.Files;

namespace Muster.Cli.Images.Adding;

/// <summary>Some objects of a batch, framed and compressed, in one piece of rented memory.</summary>
internal sealed class BatchChunk(int room) : IDisposable
{
    // Below this, zstd's own frame eats what it saves.
    private const int SmallestCompressed = 96;

    private byte[] memory = ArrayPool<byte>.Shared.Rent(room);
    private int length;

    /// <summary>Room that an object of this length needs at most.</summary>
    public static int RoomFor(int content) => BatchHeader.MaxLength + content;

    public int Length => length;

    public ReadOnlyMemory<byte> Bytes => memory.AsMemory(0, length);

    public bool Fits(int content) => memory.Length - length >= RoomFor(content);

    public void Add(ObjectReference reference, ReadOnlySpan<byte> content)
    {
        // The header says how long the rest is, which only compressing tells: so compress first, behind the longest header, and move it up.
        var behind = memory.AsSpan(length + BatchHeader.MaxLength, content.Length);
        var compressed = content.Length < SmallestCompressed ? null : Zstd.TryCompress(content, behind[..(content.Length - (content.Length / 16))]);
        if (compressed is null)
        {
            content.CopyTo(behind);
        }

        var stored = compressed ?? content.Length;
        var writer = new ByteWriter();
        new BatchHeader(reference, compressed is null ? ObjectEncoding.Plain : ObjectEncoding.Zstd, content.Length, stored).Write(writer);
        writer.Written.CopyTo(memory.AsSpan(length));
        behind[..stored].CopyTo(memory.AsSpan(length + writer.Written.Length));
        length += writer.Written.Length + stored;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(memory);
        memory = [];
    }
}
