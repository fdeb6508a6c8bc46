using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Server.Database;
using Muster.Server.Objects.S3;

namespace Muster.Server.Objects.Moving;

/// <summary>
/// Copies every object from one store to another and then, in one transaction, says that they are there. Killed before that it changed
/// nothing that a server would see, and run again it goes on: what is in the target is not sent again.
/// </summary>
internal sealed class ObjectCopy(IObjectStore source, IObjectStore target, SqlDatabase database, ObjectStorePlace place, DamagedObjects damaged, TimeProvider time)
{
    private const int AtOnce = 1000, Readers = 8;
    private const long BatchBytes = 128 << 20;

    // Read back from the target after they were stored: they were read twice from the source, and checked only the first time.
    private const long Large = 8 << 20;

    private readonly VerifiedObjects verified = new(source, damaged);
    private readonly VerifiedObjects stored = new(target, damaged);
    private long objects, bytes, present, lost;

    public async Task<CopiedObjects> RunAsync(CancellationToken cancellationToken)
    {
        var known = await place.FindAsync(cancellationToken);
        if (known == target.Place)
        {
            throw new ProblemException(ProblemKind.Conflict, "objects.there-already", $"the objects are in '{target.Place}' already; nothing was changed");
        }

        await RequireSourceAsync(known, cancellationToken);
        await PrepareTargetAsync(cancellationToken);
        for (var (kind, digest) = (0L, Array.Empty<byte>()); await NextAsync(kind, digest, cancellationToken) is { Count: > 0 } some; (kind, digest) = (some[^1].Kind, some[^1].Digest))
        {
            foreach (var batch in InBatches(some))
            {
                await CopyAsync(batch, cancellationToken);
            }
        }

        await database.WriteAsync(
            async sql =>
            {
                await ObjectStorePlace.SetAsync(sql, target.Place, cancellationToken);
                if (target is not S3ObjectStore)
                {
                    // The index is the store: nothing of the bucket is ours any more.
                    await ObjectPlaces.DeleteAllAsync(sql, cancellationToken);
                }
            },
            cancellationToken);
        return new CopiedObjects(target.Place, objects, bytes, present, lost);
    }

    private async Task RequireSourceAsync(string? known, CancellationToken cancellationToken)
    {
        if (known is not null && known != source.Place)
        {
            throw new ProblemException(ProblemKind.Conflict, "objects.elsewhere", $"the objects are in '{known}', and the settings describe '{source.Place}': correct the section S3; nothing was changed");
        }

        if (known is not null)
        {
            await source.ClaimAsync(await place.InstallationAsync(cancellationToken), fresh: false, cancellationToken);
        }
    }

    private async Task PrepareTargetAsync(CancellationToken cancellationToken)
    {
        // An earlier try may have gone to another bucket, and its rows name packs that are not in this one.
        if (await target.ClaimAsync(await place.InstallationAsync(cancellationToken), fresh: true, cancellationToken) && target is S3ObjectStore)
        {
            await database.WriteAsync(sql => ObjectPlaces.DeleteAllAsync(sql, cancellationToken), cancellationToken);
        }

        await target.RequireWritableAsync(cancellationToken);
    }

    private Task<IReadOnlyList<ObjectRow>> NextAsync(long kind, byte[] digest, CancellationToken cancellationToken) =>
        database.ReadAsync(
            sql => sql.QueryAsync<ObjectRow>(
                $"""
                SELECT kind AS Kind, digest AS Digest, stored_length AS StoredLength FROM objects
                WHERE damaged IS NULL AND (kind > @kind OR (kind = @kind AND digest > @digest)) ORDER BY kind, digest LIMIT {AtOnce}
                """,
                new { kind, digest },
                cancellationToken),
            cancellationToken);

    private static IEnumerable<List<ObjectRow>> InBatches(IReadOnlyList<ObjectRow> rows)
    {
        var batch = new List<ObjectRow>();
        foreach (var row in rows)
        {
            batch.Add(row);
            if (batch.Sum(one => one.StoredLength) > BatchBytes)
            {
                yield return batch;
                batch = [];
            }
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }

    private async Task CopyAsync(List<ObjectRow> rows, CancellationToken cancellationToken)
    {
        await using var batch = target.Begin();
        var large = new System.Collections.Concurrent.ConcurrentBag<ObjectReference>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Readers, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(await source.InOrderAsync([.. rows.Select(row => row.Reference)], cancellationToken), parallel, async (reference, ct) =>
        {
            if (await IsThereAsync(reference, ct))
            {
                Interlocked.Increment(ref present);
                return;
            }

            try
            {
                await using var opened = await verified.OpenAsync(reference, ct);
                if (opened.StoredLength > Large || opened.Form.Length > ObjectLimits.Structure)
                {
                    await batch.AddAsync(reference, opened.Form, opened.Content, ct);
                    large.Add(reference);
                }
                else
                {
                    var content = new byte[opened.StoredLength];
                    await opened.Content.ReadExactlyAsync(content, ct);
                    await batch.AddAsync(reference, opened.Form, content, ct);
                }

                Interlocked.Increment(ref objects);
                Interlocked.Add(ref bytes, opened.StoredLength);
            }
            catch (ProblemException e) when (e.Code == "object.damaged")
            {
                Interlocked.Increment(ref lost);
                await database.WriteAsync(sql => OrganisationObjects.MarkDamagedAsync(sql, reference, time.GetUtcNow(), ct), ct);
            }
        });
        await batch.CommitAsync(cancellationToken);
        foreach (var reference in large)
        {
            await using var again = await stored.OpenAsync(reference, cancellationToken);
        }
    }

    // In a bucket an object has a row only since the store acknowledged it with its hash. A file in the folder may be from long ago.
    private async Task<bool> IsThereAsync(ObjectReference reference, CancellationToken cancellationToken)
    {
        if (!await target.ExistsAsync(reference, cancellationToken))
        {
            return false;
        }

        if (target is S3ObjectStore)
        {
            return true;
        }

        try
        {
            await using var there = await stored.OpenAsync(reference, cancellationToken);
            return true;
        }
        catch (ProblemException e) when (e.Code == "object.damaged")
        {
            return false;
        }
    }

    private sealed record ObjectRow
    {
        public required long Kind { get; init; }

        public required byte[] Digest { get; init; }

        public required long StoredLength { get; init; }

        public ObjectReference Reference => new((ObjectKind)Kind, new Digest(Digest));
    }
}

/// <param name="To">The target's place.</param>
/// <param name="Objects">Copied now.</param>
/// <param name="Bytes">Of them, as they are stored.</param>
/// <param name="Present">In the target before.</param>
/// <param name="Damaged">Wrong or gone in the source, so not copied.</param>
internal sealed record CopiedObjects(string To, long Objects, long Bytes, long Present, long Damaged);
