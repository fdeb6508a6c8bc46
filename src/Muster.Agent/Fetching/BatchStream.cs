using System.Buffers;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Files;

namespace Muster.Agent.Fetching;

/// <summary>
/// Batch framing (docs/formats/object.md): kind (1), digest (32), encoding (1: 0 plain, 1 zstd), length of the content and length as
/// sent (variable numbers), then that many bytes.
/// </summary>
internal sealed class BatchStream(Stream source) : IDisposable
{
    private ContentStream? content;

    /// <summary>The bytes of the object whose header was given last, as they were sent.</summary>
    public Stream Content => content!;

    public void Dispose()
    {
        content?.Dispose();
        source.Dispose();
    }

    /// <summary>The next object, after what is left of the one before; null at the end.</summary>
    public async Task<BatchHeader?> NextAsync(CancellationToken cancellationToken)
    {
        if (content is not null)
        {
            await content.SkipAsync(cancellationToken);
        }

        var bytes = new byte[BatchHeader.MaxLength];
        for (var length = 0; ; length++)
        {
            if (BatchHeader.TryRead(bytes.AsSpan(0, length), out var header, out _) == OperationStatus.Done)
            {
                content = new ContentStream(source, header.StoredLength);
                return header;
            }

            // Byte by byte, from a buffer: the content begins right behind.
            if (await source.ReadAsync(bytes.AsMemory(length, 1), cancellationToken) == 0)
            {
                return length == 0 ? null : throw Wrong("it ends within the header of an object");
            }
        }
    }

    /// <summary>Writes an object as it is sent.</summary>
    public static void Write(ByteWriter writer, ObjectReference reference, ReadOnlySpan<byte> content)
    {
        new BatchHeader(reference, ObjectEncoding.Plain, content.Length, content.Length).Write(writer);
        writer.Raw(content);
    }

    private static ProblemException Wrong(string why) => new(ProblemKind.Unavailable, "fetch.failed", $"the server's answer is not a batch of objects: {why}");

    private sealed class ContentStream(Stream source, long left) : ForwardStream
    {
        public override bool CanRead => true;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (left == 0 || buffer.IsEmpty)
            {
                return 0;
            }

            var count = await source.ReadAsync(buffer[..(int)Math.Min(buffer.Length, left)], cancellationToken);
            left -= count;
            return count > 0 ? count : throw Wrong("it ends within an object");
        }

        public async Task SkipAsync(CancellationToken cancellationToken)
        {
            var waste = new byte[Math.Min(left, 64 * 1024)];
            while (await ReadAsync(waste, cancellationToken) > 0)
            {
            }
        }
    }
}

/// <summary>A stream from the server: what breaks it, or a minute of silence, is a problem that passes.</summary>
internal sealed class PatientStream(Stream source, TimeSpan silence, TimeProvider time) : ForwardStream
{
    private readonly byte[] buffer = new byte[64 * 1024];
    private int start, end;

    public override bool CanRead => true;

    public override async ValueTask<int> ReadAsync(Memory<byte> target, CancellationToken cancellationToken = default)
    {
        if (start == end)
        {
            start = 0;
            end = await FillAsync(cancellationToken);
        }

        var count = Math.Min(target.Length, end - start);
        buffer.AsMemory(start, count).CopyTo(target);
        start += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            source.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> FillAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(silence, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await source.ReadAsync(buffer, either.Token);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is IOException or HttpRequestException or OperationCanceledException or ObjectDisposedException)
        {
            throw new ProblemException(ProblemKind.Unavailable, "server.unreachable", $"the server's answer broke off: {e.Message}", e);
        }
    }
}
