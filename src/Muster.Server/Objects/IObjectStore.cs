using Muster.Core.Objects;

namespace Muster.Server.Objects;

/// <summary>
/// Where content lies, named by its digest. It keeps bytes and decides nothing: who may name an object is a row in the database, and whether
/// the bytes are right is checked by <see cref="VerifiedObjects"/> on every read and by <see cref="ObjectIntake"/> on every write.
/// Each sentence here is a test in <c>ObjectStoreContract</c>.
/// </summary>
internal interface IObjectStore
{
    /// <summary>
    /// A batch of objects that become durable together. Until <see cref="IObjectBatch.CommitAsync"/> none of them can be read; one that
    /// is disposed without it leaves nothing behind. An object that is there already is replaced.
    /// </summary>
    IObjectBatch Begin();

    /// <summary>Opens what is stored, or null where there is nothing of that name. The bytes are not checked here, and may be wrong.</summary>
    Task<StoredObject?> FindAsync(ObjectReference reference, CancellationToken cancellationToken);

    /// <summary>The same references in the order in which they are read fastest. What is not there may stand anywhere.</summary>
    Task<IReadOnlyList<ObjectReference>> InOrderAsync(IReadOnlyCollection<ObjectReference> references, CancellationToken cancellationToken);

    /// <summary>Whether something is stored under the name, right or wrong.</summary>
    Task<bool> ExistsAsync(ObjectReference reference, CancellationToken cancellationToken);

    /// <summary>Moves an object aside for a person to look at: it can no longer be read. May be called twice.</summary>
    Task QuarantineAsync(ObjectReference reference, CancellationToken cancellationToken);

    /// <summary>Removes an object. May be called twice.</summary>
    Task DeleteAsync(ObjectReference reference, CancellationToken cancellationToken);

    /// <summary>Which store this is, as the database remembers it: another name has other objects.</summary>
    string Place { get; }

    /// <summary>Makes sure that the place belongs to this installation.</summary>
    /// <param name="installation">Its id.</param>
    /// <param name="fresh">Nothing was put there yet, so one that belongs to nobody becomes ours.</param>
    /// <returns>True when it became ours just now.</returns>
    /// <exception cref="Core.Problems.ProblemException">It cannot be reached, or is another's, or not the one that was used before.</exception>
    Task<bool> ClaimAsync(string installation, bool fresh, CancellationToken cancellationToken);

    /// <summary>Returns when something could be stored now; it is not kept.</summary>
    /// <exception cref="Core.Problems.ProblemException">Why nothing can be.</exception>
    Task RequireWritableAsync(CancellationToken cancellationToken);
}

/// <summary>Objects on their way into the store. Adding may be done from many threads at once.</summary>
internal interface IObjectBatch : IAsyncDisposable
{
    /// <summary>Takes an object in its stored form. The caller has checked that the bytes are what the reference names.</summary>
    Task AddAsync(ObjectReference reference, StoredForm form, ReadOnlyMemory<byte> stored, CancellationToken cancellationToken);

    /// <summary>As the other, for an object too large for memory.</summary>
    Task AddAsync(ObjectReference reference, StoredForm form, Stream stored, CancellationToken cancellationToken);

    /// <summary>Makes everything added readable. When this returns it survives a power cut.</summary>
    Task CommitAsync(CancellationToken cancellationToken);
}

/// <summary>How an object's bytes lie.</summary>
/// <param name="Encoding">Plain or compressed.</param>
/// <param name="Length">Length of the content, uncompressed.</param>
internal readonly record struct StoredForm(ObjectEncoding Encoding, long Length);

/// <summary>An object as it is stored: read <see cref="Content"/> to its end, then dispose.</summary>
internal sealed record StoredObject(StoredForm Form, long StoredLength, Stream Content) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Content.DisposeAsync();
}
