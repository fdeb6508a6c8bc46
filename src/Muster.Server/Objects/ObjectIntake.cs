using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Protocol.Objects;
using Muster.Server.Database;

namespace Muster.Server.Objects;

/// <summary>
/// Takes in batches of objects. Every one is uncompressed and checked against its name on all processors, and stored as it was sent.
/// A batch is kept whole or not at all; sending it again is harmless. What names other objects is taken only when the organisation has
/// those already or they are in the same batch, so that having a directory means having everything below it.
/// </summary>
internal sealed class ObjectIntake(IObjectStore store, SqlDatabase database, ObjectsMetrics metrics, TimeProvider time, IOptions<ObjectsOptions> options) : IDisposable
{
    private readonly SemaphoreSlim room = new(options.Value.MaxBatches);

    /// <summary>Objects that the organisation proves to have by sending them.</summary>
    public async Task<AddedObjects> AddAsync(OrganisationId organisation, PipeReader body, CancellationToken cancellationToken)
    {
        var taken = await TakeAsync(
            organisation,
            body,
            kind => kind == ObjectKind.File ? ObjectLimits.FileInBatch : ObjectLimits.Structure,
            async (batch, ct) =>
            {
                await RequireChildrenAsync(organisation, batch, ct);
            },
            seenOnly: false,
            cancellationToken);
        return new AddedObjects(taken.Added.Count, taken.Sent - taken.Added.Count, taken.Added.Sum(one => one.Length));
    }

    /// <summary>Directories and trees that a machine was seen to have. They give nobody a right to any content.</summary>
    public async Task<int> AddSeenAsync(OrganisationId organisation, PipeReader body, int mostObjects, Func<IReadOnlyCollection<ObjectReference>, bool> wanted, CancellationToken cancellationToken)
    {
        var taken = await TakeAsync(
            organisation,
            body,
            kind => kind is ObjectKind.Directory or ObjectKind.Tree
                ? ObjectLimits.Structure
                : throw new ProblemException(ProblemKind.Invalid, "trees.kind", $"a machine sends directories and trees, not a {kind.ToString().ToLowerInvariant()}"),
            (batch, _) => batch.Count <= mostObjects && wanted([.. batch.Keys])
                ? Task.CompletedTask
                : throw new ProblemException(ProblemKind.Invalid, "trees.unasked", "these objects were not asked for"),
            seenOnly: true,
            cancellationToken);
        return taken.Added.Count;
    }

    public void Dispose() => room.Dispose();

    private async Task<(int Sent, IReadOnlyList<KeptObject> Added)> TakeAsync(
        OrganisationId organisation,
        PipeReader body,
        Func<ObjectKind, int> mostBytes,
        Func<ConcurrentDictionary<ObjectReference, Taken>, CancellationToken, Task> judge,
        bool seenOnly,
        CancellationToken cancellationToken)
    {
        await room.WaitAsync(cancellationToken);
        try
        {
            await using var batch = store.Begin();
            var taken = new ConcurrentDictionary<ObjectReference, Taken>();
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(AllAsync(new BatchReader(body, mostBytes), cancellationToken), parallel, async (item, ct) =>
            {
                using (item)
                {
                    await TakeAsync(item, batch, taken, ct);
                }
            });
            await judge(taken, cancellationToken);
            await batch.CommitAsync(cancellationToken);
            var kept = taken.Values.Select(one => one.Object).ToList();
            var added = await database.WriteAsync(sql => OrganisationObjects.AddAsync(sql, organisation, kept, seenOnly, time.GetUtcNow(), cancellationToken), cancellationToken);
            metrics.Added(added);
            return (kept.Count, added);
        }
        finally
        {
            room.Release();
        }
    }

    private static async Task TakeAsync(BatchObject item, IObjectBatch batch, ConcurrentDictionary<ObjectReference, Taken> taken, CancellationToken cancellationToken)
    {
        using var bytes = ObjectBytes.Verify(item.Reference, item.Form, item.Stored);
        var children = ObjectChildren.Of(item.Reference.Kind, bytes.Content.Span);
        if (taken.TryAdd(item.Reference, new Taken(new KeptObject(item.Reference, item.Form.Length, item.Stored.Length), children)))
        {
            await batch.AddAsync(item.Reference, item.Form, item.Stored, cancellationToken);
        }
    }

    private static async IAsyncEnumerable<BatchObject> AllAsync(BatchReader reader, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await reader.NextAsync(cancellationToken) is { } item)
        {
            yield return item;
        }
    }

    private async Task RequireChildrenAsync(OrganisationId organisation, ConcurrentDictionary<ObjectReference, Taken> batch, CancellationToken cancellationToken)
    {
        var named = new Dictionary<ObjectReference, (long? Length, ObjectReference By)>();
        foreach (var (parent, one) in batch)
        {
            foreach (var (child, length) in one.Children)
            {
                if (named.TryAdd(child, (length, parent)) || named[child].Length == length)
                {
                    continue;
                }

                throw WrongLength(parent, child);
            }
        }

        var elsewhere = named.Keys.Where(child => !batch.ContainsKey(child)).ToList();
        var had = elsewhere.Count == 0
            ? []
            : await database.ReadAsync(sql => OrganisationObjects.FindAsync(sql, organisation, elsewhere, cancellationToken), cancellationToken);
        foreach (var (child, (length, by)) in named)
        {
            var found = batch.TryGetValue(child, out var sent) ? sent.Object.Length : had.TryGetValue(child, out var kept) ? kept : (long?)null;
            if (found is null)
            {
                throw new ProblemException(ProblemKind.Conflict, "object.incomplete", $"{by} names {child}, which your organisation does not have yet: send what is below first");
            }

            if (length is not null && found != length)
            {
                throw WrongLength(by, child);
            }
        }
    }

    private static ProblemException WrongLength(ObjectReference by, ObjectReference child) =>
        new(ProblemKind.Invalid, "object.length", $"{by} says of {child} a length that it does not have");

    internal sealed record Taken(KeptObject Object, IReadOnlyList<(ObjectReference Reference, long? Length)> Children);
}
