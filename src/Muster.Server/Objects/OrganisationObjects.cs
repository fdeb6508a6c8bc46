using Muster.Core.Objects;
using Muster.Server.Database;

namespace Muster.Server.Objects;

/// <summary>
/// Who may name which object. Bytes are shared between organisations, rights are not: an organisation has what it sent itself.
/// What its machines were only seen to have (<c>seen_only</c>) is kept to compare trees, and gives no right to any content.
/// Having a directory, tree or image means having everything below it; <see cref="ObjectIntake"/> sees to that.
/// </summary>
internal static class OrganisationObjects
{
    // SQLite looks each parameter up by its name among all of the statement's, so long lists cost their square.
    private const int AtOnce = 64;

    /// <summary>Which of these the organisation has, with the length of each.</summary>
    public static Task<Dictionary<ObjectReference, long>> FindAsync(ReadSql sql, OrganisationId organisation, IEnumerable<ObjectReference> wanted, CancellationToken cancellationToken) =>
        FindAsync(sql, organisation, wanted, "AND own.seen_only = 0", cancellationToken);

    /// <summary>Which of these the organisation has, or its machines were seen to have.</summary>
    public static Task<Dictionary<ObjectReference, long>> FindSeenAsync(ReadSql sql, OrganisationId organisation, IEnumerable<ObjectReference> wanted, CancellationToken cancellationToken) =>
        FindAsync(sql, organisation, wanted, "", cancellationToken);

    /// <summary>
    /// True while an object of the organisation is known to be damaged. Then none of its directories can be trusted to be whole, and a
    /// client that adds an image is led down to the files, so that it sends again what is damaged.
    /// </summary>
    public static Task<bool> AnyDamagedAsync(ReadSql sql, OrganisationId organisation, CancellationToken cancellationToken) =>
        sql.GetAsync<bool>(
            """
            SELECT EXISTS (
                SELECT 1 FROM objects o JOIN organisation_objects own ON own.kind = o.kind AND own.digest = o.digest
                WHERE o.damaged IS NOT NULL AND own.organisation = @organisation AND own.seen_only = 0)
            """,
            new { organisation },
            cancellationToken);

    /// <summary>Records objects that are now in the store; answers which of them the organisation did not have.</summary>
    public static async Task<IReadOnlyList<KeptObject>> AddAsync(WriteSql sql, OrganisationId organisation, IReadOnlyCollection<KeptObject> kept, bool seenOnly, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var present = seenOnly
            ? await FindSeenAsync(sql, organisation, kept.Select(one => one.Reference), cancellationToken)
            : await FindAsync(sql, organisation, kept.Select(one => one.Reference), cancellationToken);
        var added = kept.DistinctBy(one => one.Reference).Where(one => !present.ContainsKey(one.Reference)).ToList();
        await sql.ExecuteAsync(
            """
            INSERT INTO objects (kind, digest, length, stored_length, created) VALUES (@Kind, @Digest, @Length, @StoredLength, @Created)
            ON CONFLICT (kind, digest) DO UPDATE SET damaged = NULL, stored_length = excluded.stored_length WHERE objects.damaged IS NOT NULL
            """,
            added.Select(one => new { Kind = (long)one.Reference.Kind, Digest = one.Reference.Digest.Bytes.ToArray(), one.Length, one.StoredLength, Created = now }),
            cancellationToken);
        await sql.ExecuteAsync(
            """
            INSERT INTO organisation_objects (organisation, kind, digest, seen_only, added) VALUES (@organisation, @Kind, @Digest, @SeenOnly, @Added)
            ON CONFLICT (organisation, kind, digest) DO UPDATE SET seen_only = excluded.seen_only WHERE organisation_objects.seen_only > excluded.seen_only
            """,
            added.Select(one => new { organisation, Kind = (long)one.Reference.Kind, Digest = one.Reference.Digest.Bytes.ToArray(), SeenOnly = seenOnly ? 1L : 0L, Added = now }),
            cancellationToken);
        return added;
    }

    /// <summary>From now on nobody has it, until it is sent again.</summary>
    public static Task MarkDamagedAsync(WriteSql sql, ObjectReference reference, DateTimeOffset now, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(
            "UPDATE objects SET damaged = @now WHERE kind = @Kind AND digest = @Digest AND damaged IS NULL",
            new { Kind = (long)reference.Kind, Digest = reference.Digest.Bytes.ToArray(), now },
            cancellationToken);

    /// <summary>What is damaged, and who had it.</summary>
    public static async Task<IReadOnlyList<DamagedObject>> ListDamagedAsync(ReadSql sql, CancellationToken cancellationToken)
    {
        var rows = await sql.QueryAsync<DamagedRow>(
            """
            SELECT own.organisation AS Organisation, o.kind AS Kind, o.digest AS Digest, o.damaged AS Damaged
            FROM objects o JOIN organisation_objects own ON own.kind = o.kind AND own.digest = o.digest
            WHERE o.damaged IS NOT NULL AND own.seen_only = 0
            """,
            null,
            cancellationToken);
        return [.. rows.Select(row => new DamagedObject(row.Organisation, new ObjectReference((ObjectKind)row.Kind, new Digest(row.Digest)), row.Damaged))];
    }

    private static async Task<Dictionary<ObjectReference, long>> FindAsync(
        ReadSql sql, OrganisationId organisation, IEnumerable<ObjectReference> wanted, string which, CancellationToken cancellationToken)
    {
        var found = new Dictionary<ObjectReference, long>();
        foreach (var kind in wanted.GroupBy(reference => reference.Kind))
        {
            foreach (var some in kind.Chunk(AtOnce))
            {
                var rows = await sql.QueryAsync<FoundRow>(
                    $"""
                    SELECT o.digest AS Digest, o.length AS Length FROM organisation_objects own
                    JOIN objects o ON o.kind = own.kind AND o.digest = own.digest
                    WHERE own.organisation = @organisation AND own.kind = @kind AND own.digest IN @digests AND o.damaged IS NULL {which}
                    """,
                    new { organisation, kind = (long)kind.Key, digests = some.Select(reference => reference.Digest.Bytes.ToArray()).ToArray() },
                    cancellationToken);
                foreach (var row in rows)
                {
                    found[new ObjectReference(kind.Key, new Digest(row.Digest))] = row.Length;
                }
            }
        }

        return found;
    }

    private sealed record FoundRow
    {
        public required byte[] Digest { get; init; }

        public required long Length { get; init; }
    }

    private sealed record DamagedRow
    {
        public required OrganisationId Organisation { get; init; }

        public required long Kind { get; init; }

        public required byte[] Digest { get; init; }

        public required DateTimeOffset Damaged { get; init; }
    }
}

/// <summary>An object that an organisation had until it was found damaged.</summary>
internal sealed record DamagedObject(OrganisationId Organisation, ObjectReference Reference, DateTimeOffset Since);

/// <summary>An object that lies in the store.</summary>
internal sealed record KeptObject(ObjectReference Reference, long Length, long StoredLength);
