using Muster.Core.Objects;
using Muster.Server.Database;

namespace Muster.Server.Objects.S3;

/// <summary>Where an object's stored bytes lie.</summary>
/// <param name="Pack">The S3 object's name below <c>PREFIX/packs/</c>.</param>
/// <param name="Start">Of the stored bytes, in the pack.</param>
internal sealed record ObjectPlace(ObjectReference Reference, StoredForm Form, string Pack, long Start, long StoredLength);

/// <summary>The index of what is in the bucket. An object can be read when it has a row here, and not before.</summary>
internal static class ObjectPlaces
{
    // SQLite looks each parameter up by its name among all of the statement's, so long lists cost their square.
    private const int AtOnce = 64;

    public static async Task<ObjectPlace?> FindAsync(ReadSql sql, ObjectReference reference, CancellationToken cancellationToken)
    {
        var row = await sql.FindAsync<PlaceRow>(
            "SELECT pack AS Pack, start AS Start, stored_length AS StoredLength, encoding AS Encoding, length AS Length FROM object_places WHERE kind = @Kind AND digest = @Digest",
            Of(reference),
            cancellationToken);
        return row is null ? null : new ObjectPlace(reference, new StoredForm((ObjectEncoding)row.Encoding, row.Length), row.Pack, row.Start, row.StoredLength);
    }

    /// <summary>Pack and start of each that is there.</summary>
    public static async Task<Dictionary<ObjectReference, (string Pack, long Start)>> WhereAsync(ReadSql sql, IEnumerable<ObjectReference> references, CancellationToken cancellationToken)
    {
        var found = new Dictionary<ObjectReference, (string Pack, long Start)>();
        foreach (var kind in references.GroupBy(reference => reference.Kind))
        {
            foreach (var some in kind.Chunk(AtOnce))
            {
                var rows = await sql.QueryAsync<WhereRow>(
                    "SELECT digest AS Digest, pack AS Pack, start AS Start FROM object_places WHERE kind = @kind AND digest IN @digests",
                    new { kind = (long)kind.Key, digests = some.Select(reference => reference.Digest.Bytes.ToArray()).ToArray() },
                    cancellationToken);
                foreach (var row in rows)
                {
                    found[new ObjectReference(kind.Key, new Digest(row.Digest))] = (row.Pack, row.Start);
                }
            }
        }

        return found;
    }

    public static async Task SetAsync(WriteSql sql, IEnumerable<ObjectPlace> places, DateTimeOffset now, CancellationToken cancellationToken) =>
        await sql.ExecuteAsync(
            """
            INSERT INTO object_places (kind, digest, pack, start, stored_length, encoding, length, added)
            VALUES (@Kind, @Digest, @Pack, @Start, @StoredLength, @Encoding, @Length, @Added)
            ON CONFLICT (kind, digest) DO UPDATE SET pack = excluded.pack, start = excluded.start, stored_length = excluded.stored_length,
                encoding = excluded.encoding, length = excluded.length, added = excluded.added
            """,
            places.Select(place => new
            {
                Kind = (long)place.Reference.Kind,
                Digest = place.Reference.Digest.Bytes.ToArray(),
                place.Pack,
                place.Start,
                place.StoredLength,
                Encoding = (long)place.Form.Encoding,
                place.Form.Length,
                Added = now,
            }),
            cancellationToken);

    public static Task DeleteAsync(WriteSql sql, ObjectReference reference, CancellationToken cancellationToken) =>
        sql.ExecuteAsync("DELETE FROM object_places WHERE kind = @Kind AND digest = @Digest", Of(reference), cancellationToken);

    public static Task DeleteAllAsync(WriteSql sql, CancellationToken cancellationToken) => sql.ExecuteAsync("DELETE FROM object_places", null, cancellationToken);

    /// <summary>Forgets objects that nobody came to have: their server died between storing them and saying whose they are.</summary>
    public static Task<int> ForgetAsync(WriteSql sql, DateTimeOffset before, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(
            "DELETE FROM object_places WHERE added < @before AND NOT EXISTS (SELECT 1 FROM objects o WHERE o.kind = object_places.kind AND o.digest = object_places.digest)",
            new { before },
            cancellationToken);

    /// <summary>Those of the packs that hold something.</summary>
    public static async Task<HashSet<string>> NamedAsync(ReadSql sql, IEnumerable<string> packs, CancellationToken cancellationToken)
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var some in packs.Chunk(AtOnce))
        {
            named.UnionWith(await sql.QueryAsync<string>("SELECT DISTINCT pack FROM object_places WHERE pack IN @some", new { some }, cancellationToken));
        }

        return named;
    }

    private static object Of(ObjectReference reference) => new { Kind = (long)reference.Kind, Digest = reference.Digest.Bytes.ToArray() };

    private sealed record WhereRow
    {
        public required byte[] Digest { get; init; }

        public required string Pack { get; init; }

        public required long Start { get; init; }
    }

    private sealed record PlaceRow
    {
        public required string Pack { get; init; }

        public required long Start { get; init; }

        public required long StoredLength { get; init; }

        public required long Encoding { get; init; }

        public required long Length { get; init; }
    }
}
