using System.Buffers;
using System.IO.Pipelines;
using Muster.Core.Objects;
using Muster.Core.Problems;

namespace Muster.Server.Objects;

/// <summary>One object of a batch as it travelled: its bytes are not checked yet. Dispose gives its memory back.</summary>
internal sealed class BatchObject(ObjectReference reference, StoredForm form, byte[] rented, int length) : IDisposable
{
    public ObjectReference Reference => reference;

    public StoredForm Form => form;

    public ReadOnlyMemory<byte> Stored => rented.AsMemory(0, length);

    public void Dispose() => ArrayPool<byte>.Shared.Return(rented);
}

/// <summary>
/// Reads a stream of objects in batch framing (docs/formats/object.md) from somebody who is not trusted: lengths are judged before
/// memory is taken for them.
/// </summary>
internal sealed class BatchReader(PipeReader source, Func<ObjectKind, int> mostBytes)
{
    // Compression may add a little to what does not shrink.
    private const int Slack = 1024;

    /// <summary>The next object, or null at the end.</summary>
    public async Task<BatchObject?> NextAsync(CancellationToken cancellationToken)
    {
        if (await ReadHeaderAsync(cancellationToken) is not { } header)
        {
            return null;
        }

        var most = mostBytes(header.Reference.Kind);
        if (header.Length > most || header.StoredLength > (long)most + Slack)
        {
            throw new ProblemException(ProblemKind.TooLarge, "object.too-large",
                header.Reference.Kind == ObjectKind.File
                    ? $"{header.Reference} has {header.Length} bytes; in a batch {most} are allowed, larger files go through Objects.Part"
                    : $"{header.Reference} has {header.Length} bytes; {most} are allowed");
        }

        var length = (int)header.StoredLength;
        var rented = ArrayPool<byte>.Shared.Rent(Math.Max(1, length));
        try
        {
            await FillAsync(rented.AsMemory(0, length), header.Reference, cancellationToken);
            return new BatchObject(header.Reference, new StoredForm(header.Encoding, header.Length), rented, length);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(rented);
            throw;
        }
    }

    private static ProblemException Wrong(string why) => new(ProblemKind.Invalid, "format.invalid", $"not a valid batch of objects: {why}");

    private async Task<BatchHeader?> ReadHeaderAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await source.ReadAsync(cancellationToken);
            var (consumed, examined) = (result.Buffer.Start, result.Buffer.End);
            try
            {
                if (TryReadHeader(result.Buffer, out var header, ref consumed))
                {
                    examined = consumed;
                    return header;
                }

                if (result.IsCompleted)
                {
                    return result.Buffer.IsEmpty ? null : throw Wrong("it ends within the header of an object");
                }
            }
            finally
            {
                // What was read is given back whatever comes of it, else the connection cannot go on.
                source.AdvanceTo(consumed, examined);
            }
        }
    }

    private async Task FillAsync(Memory<byte> target, ObjectReference reference, CancellationToken cancellationToken)
    {
        while (!target.IsEmpty)
        {
            var result = await source.ReadAsync(cancellationToken);
            var available = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, target.Length));
            available.CopyTo(target.Span);
            target = target[(int)available.Length..];
            source.AdvanceTo(available.End);
            if (result.IsCompleted && !target.IsEmpty && available.IsEmpty)
            {
                throw Wrong($"it ends within {reference}");
            }
        }
    }

    private static bool TryReadHeader(ReadOnlySequence<byte> buffer, out BatchHeader header, ref SequencePosition consumed)
    {
        Span<byte> first = stackalloc byte[BatchHeader.MaxLength];
        var length = (int)Math.Min(buffer.Length, first.Length);
        buffer.Slice(0, length).CopyTo(first);
        var done = BatchHeader.TryRead(first[..length], out header, out var used) == OperationStatus.Done;
        consumed = buffer.GetPosition(used);
        return done;
    }
}
