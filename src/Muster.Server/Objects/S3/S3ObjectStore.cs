using System.Security.Cryptography;
using System.Text;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Server.Database;

namespace Muster.Server.Objects.S3;

/// <summary>
/// Objects in an S3 bucket, many small ones in one S3 object (docs/adr/0033): <c>PREFIX/packs/NAME</c>, each written once under a name of
/// its own and never changed. The database knows what lies where, so a batch is there with its transaction, whole or not at all; whatever
/// a killed server left is a pack that no row names, which <see cref="S3SweepLoop"/> removes.
/// </summary>
internal sealed class S3ObjectStore(S3Bucket bucket, SqlDatabase database, TimeProvider time) : IObjectStore, IDisposable
{
    public const string Packs = "packs/";
    private const string Marker = "installation";
    private const int MostMarker = 1000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ReadAhead ahead = new(bucket);

    public string Place => $"s3 {bucket.Name}";

    public S3Bucket Bucket => bucket;

    public IObjectBatch Begin() => new S3Batch(bucket, database, time);

    public async Task<StoredObject?> FindAsync(ObjectReference reference, CancellationToken cancellationToken)
    {
        var place = await PlaceOfAsync(reference, cancellationToken);
        if (place is null)
        {
            return null;
        }

        if (place.StoredLength == 0)
        {
            return new StoredObject(place.Form, 0, Stream.Null);
        }

        if (place.StoredLength <= ReadAhead.Small && await ahead.FindAsync(Packs + place.Pack, place.Start, place.StoredLength, cancellationToken) is { } known)
        {
            return new StoredObject(place.Form, place.StoredLength, S3Bucket.StreamOf(known));
        }

        // A pack that became shorter gives what there is, which is then found to be wrong as anything else is.
        var content = await bucket.FindAsync(Packs + place.Pack, place.Start, place.StoredLength, cancellationToken);
        return content is null ? null : new StoredObject(place.Form, content.Length, content);
    }

    public async Task<IReadOnlyList<ObjectReference>> InOrderAsync(IReadOnlyCollection<ObjectReference> references, CancellationToken cancellationToken)
    {
        var places = await database.ReadAsync(sql => ObjectPlaces.WhereAsync(sql, references, cancellationToken), cancellationToken);
        return [.. references.OrderBy(one => places.GetValueOrDefault(one).Pack, StringComparer.Ordinal).ThenBy(one => places.GetValueOrDefault(one).Start)];
    }

    public async Task<bool> ExistsAsync(ObjectReference reference, CancellationToken cancellationToken) => await PlaceOfAsync(reference, cancellationToken) is not null;

    public async Task QuarantineAsync(ObjectReference reference, CancellationToken cancellationToken)
    {
        if (await PlaceOfAsync(reference, cancellationToken) is not { } place)
        {
            return;
        }

        // Its neighbours in the pack stay, so what is put aside is a copy: for a person to look at, and of no other use.
        if (place.StoredLength > 0 && await bucket.FindAsync(Packs + place.Pack, place.Start, place.StoredLength, cancellationToken) is { } damaged)
        {
            await using (damaged)
            {
                var aside = $"quarantine/{KindName(reference)}-{reference.Digest}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
                await S3Batch.UploadAsync(bucket, aside, default, damaged, place.StoredLength, cancellationToken);
            }
        }

        await DeleteAsync(reference, cancellationToken);
    }

    public Task DeleteAsync(ObjectReference reference, CancellationToken cancellationToken) =>
        database.WriteAsync(sql => ObjectPlaces.DeleteAsync(sql, reference, cancellationToken), cancellationToken);

    public async Task<bool> ClaimAsync(string installation, bool fresh, CancellationToken cancellationToken)
    {
        var made = fresh && await bucket.TryPutNewAsync(Marker, Encoding.UTF8.GetBytes(installation), cancellationToken);
        await using var marker = await bucket.FindAsync(Marker, 0, MostMarker, cancellationToken)
            ?? throw new ProblemException(ProblemKind.Conflict, "objects.elsewhere", $"{bucket.Where} below {bucket.Name} is not where this installation put its objects; correct S3:Endpoint, S3:Bucket and S3:Prefix");
        using var reader = new StreamReader(marker);
        var owner = await reader.ReadToEndAsync(cancellationToken);
        return owner == installation
            ? made
            : throw new ProblemException(ProblemKind.Conflict, "objects.others", $"{bucket.Name} at {bucket.Where} has the objects of another installation: choose another S3:Prefix or S3:Bucket");
    }

    public async Task RequireWritableAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            var probe = $"probe/{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
            await bucket.PutAsync(probe, "?"u8.ToArray(), patience.Token);
            await bucket.DeleteAsync(probe, patience.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ProblemException(ProblemKind.Unavailable, "objects.s3-unreachable", $"{bucket.Where} took nothing within {Patience.TotalSeconds} s", e);
        }
    }

    public void Dispose() => bucket.Dispose();

    private Task<ObjectPlace?> PlaceOfAsync(ObjectReference reference, CancellationToken cancellationToken) =>
        database.ReadAsync(sql => ObjectPlaces.FindAsync(sql, reference, cancellationToken), cancellationToken);

    private static string KindName(ObjectReference reference) => reference.Kind.ToString().ToLowerInvariant();
}
