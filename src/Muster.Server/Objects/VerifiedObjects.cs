using System.Security.Cryptography;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Files;

namespace Muster.Server.Objects;

/// <summary>
/// The only way to read objects: nothing leaves here that was not checked against its name. A damaged or lost one is moved aside, made
/// known (<see cref="DamagedObjects"/>), and answered as unavailable until it is sent again.
/// </summary>
internal sealed class VerifiedObjects(IObjectStore store, DamagedObjects damaged)
{
    private const int InMemory = 8 << 20;
    private const int ReadSize = 1 << 20;

    /// <summary>The order in which many are best read.</summary>
    public Task<IReadOnlyList<ObjectReference>> InOrderAsync(IReadOnlyCollection<ObjectReference> references, CancellationToken cancellationToken) => store.InOrderAsync(references, cancellationToken);

    /// <summary>The whole content.</summary>
    public async Task<byte[]> ReadAsync(ObjectReference reference, CancellationToken cancellationToken)
    {
        await using var opened = await OpenAsync(reference, cancellationToken);
        var content = new byte[opened.Form.Length];
        await using var stream = Content(opened);
        await stream.ReadExactlyAsync(content, cancellationToken);
        return content;
    }

    /// <summary>The object as it is stored, checked. Small ones are read once; larger ones are checked from front to back before the first byte is handed out.</summary>
    public async Task<StoredObject> OpenAsync(ObjectReference reference, CancellationToken cancellationToken)
    {
        if (reference.Digest == Digest.Empty && reference.Kind == ObjectKind.File)
        {
            return new StoredObject(new StoredForm(ObjectEncoding.Plain, 0), 0, new MemoryStream());
        }

        try
        {
            var found = await FindAsync(reference, cancellationToken);
            if (found.StoredLength <= InMemory && found.Form.Length <= ObjectLimits.Structure)
            {
                return await ReadSmallAsync(reference, found, cancellationToken);
            }

            await CheckLargeAsync(reference, found, cancellationToken);
            return await FindAsync(reference, cancellationToken);
        }
        catch (ProblemException e) when (e.Code is "object.digest" or "zstd.invalid")
        {
            throw await LostAsync(reference, "its bytes are not what they were", cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(ProblemKind.Unavailable, "object.unreadable", $"cannot read {reference}: {e.Message}", e);
        }
    }

    /// <summary>The uncompressed content of an opened object.</summary>
    public static Stream Content(StoredObject opened) => opened.Form.Encoding == ObjectEncoding.Zstd ? new ZstdReadStream(opened.Content) : opened.Content;

    private async Task<StoredObject> FindAsync(ObjectReference reference, CancellationToken cancellationToken) =>
        await store.FindAsync(reference, cancellationToken) ?? throw await LostAsync(reference, "it is gone", cancellationToken);

    private static async Task<StoredObject> ReadSmallAsync(ObjectReference reference, StoredObject found, CancellationToken cancellationToken)
    {
        await using (found)
        {
            if (found.Form.Length < 0)
            {
                throw ObjectBytes.Mismatch(reference, null);
            }

            var stored = new byte[found.StoredLength];
            await found.Content.ReadExactlyAsync(stored, cancellationToken);
            ObjectBytes.Verify(reference, found.Form, stored).Dispose();
            return found with { Content = new MemoryStream(stored, writable: false) };
        }
    }

    // The length too: it lies in the header, which the digest says nothing of.
    private static async Task CheckLargeAsync(ObjectReference reference, StoredObject found, CancellationToken cancellationToken)
    {
        await using (found)
        {
            await using var content = Content(found);
            using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[ReadSize];
            long length = 0;
            while (length <= found.Form.Length && await content.ReadAsync(buffer, cancellationToken) is var count and > 0)
            {
                sha.AppendData(buffer, 0, count);
                length += count;
            }

            if (length != found.Form.Length || new Digest(sha.GetHashAndReset()) != reference.Digest)
            {
                throw ObjectBytes.Mismatch(reference, null);
            }
        }
    }

    private async Task<ProblemException> LostAsync(ObjectReference reference, string why, CancellationToken cancellationToken)
    {
        await store.QuarantineAsync(reference, cancellationToken);
        damaged.Found(reference, why);
        return new ProblemException(ProblemKind.Unavailable, "object.damaged", $"{reference} cannot be given out: {why}. It was moved aside; adding an image that has it again heals it");
    }
}
