using System.Buffers;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Files;

namespace Muster.Server.Objects;

/// <summary>The content of an object in memory, checked against its name.</summary>
internal sealed class ObjectBytes : IDisposable
{
    private readonly byte[]? rented;

    private ObjectBytes(ReadOnlyMemory<byte> content, byte[]? rented)
    {
        Content = content;
        this.rented = rented;
    }

    public ReadOnlyMemory<byte> Content { get; }

    /// <summary>Uncompresses and checks. Never takes more memory than the form promises, whatever the compressed bytes unfold to.</summary>
    /// <exception cref="ProblemException">Invalid, <c>object.digest</c>: the bytes are not what the reference names.</exception>
    public static ObjectBytes Verify(ObjectReference reference, StoredForm form, ReadOnlyMemory<byte> stored)
    {
        if (form.Encoding == ObjectEncoding.Plain)
        {
            return stored.Length == form.Length && Digest.Of(stored.Span) == reference.Digest
                ? new ObjectBytes(stored, null)
                : throw Mismatch(reference, null);
        }

        var length = (int)form.Length;
        var rented = ArrayPool<byte>.Shared.Rent(Math.Max(1, length));
        try
        {
            if (Zstd.Decompress(stored.Span, rented.AsSpan(0, length)) != length || Digest.Of(rented.AsSpan(0, length)) != reference.Digest)
            {
                throw Mismatch(reference, null);
            }

            return new ObjectBytes(rented.AsMemory(0, length), rented);
        }
        catch (Exception e)
        {
            ArrayPool<byte>.Shared.Return(rented);
            throw e is ProblemException { Code: "object.digest" } ? e : Mismatch(reference, e);
        }
    }

    public static ProblemException Mismatch(ObjectReference reference, Exception? cause) =>
        new(ProblemKind.Invalid, "object.digest", $"the bytes sent as {reference} are not its content; nothing of this batch was kept", cause);

    public void Dispose()
    {
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
