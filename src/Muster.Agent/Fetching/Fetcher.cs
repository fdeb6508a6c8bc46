using Muster.Agent.Session;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Protocol;
using Muster.Protocol.Agent;

namespace Muster.Agent.Fetching;

/// <summary>
/// Brings objects from the server into the cache. What has arrived stays, so after a cut only the rest is asked for again; what arrives
/// damaged is not kept and is asked for again too.
/// </summary>
internal sealed class Fetcher(ObjectCache cache, Func<ServerConnection?> connection, Conditions conditions, AgentLog log, TimeProvider time)
{
    private const int BatchSize = 2000;
    private const int Attempts = 6;

    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    /// <summary>Bytes of content received since the start.</summary>
    public long Received { get; private set; }

    /// <summary>Makes sure that objects are in the cache.</summary>
    /// <param name="arrived">Told how many have arrived and how many were missing.</param>
    /// <exception cref="ProblemException">The server cannot be reached or does not have them.</exception>
    public async Task FetchAsync(IReadOnlyCollection<ObjectReference> wanted, Action<int, int>? arrived, CancellationToken cancellationToken)
    {
        var missing = wanted.Where(reference => !cache.Has(reference)).Distinct().ToList();
        var total = missing.Count;
        var backoff = new Backoff(Random.Shared);
        for (var failures = 0; missing.Count > 0;)
        {
            var server = Server();
            var before = missing.Count;
            ProblemException? problem = null;
            try
            {
                await FetchBatchAsync(server, missing.Take(BatchSize).ToHashSet(), () => arrived?.Invoke(total - missing.Count, total), cancellationToken);
            }
            catch (ProblemException e) when (e.Kind is not ProblemKind.Full)
            {
                problem = e;
            }

            missing.RemoveAll(cache.Has);
            arrived?.Invoke(total - missing.Count, total);
            if (missing.Count < before)
            {
                failures = 0;
                backoff.Reset();
            }
            else if (++failures == Attempts || problem is { Kind: not (ProblemKind.Unavailable or ProblemKind.Throttled) })
            {
                throw problem ?? new ProblemException(ProblemKind.Unavailable, "fetch.failed", $"the server does not send {missing[0]}{(missing.Count > 1 ? $" and {missing.Count - 1} more objects" : "")}");
            }
            else
            {
                await Task.Delay(problem?.RetryAfter ?? backoff.Next(), time, cancellationToken);
            }
        }

        conditions.Clear("fetch.corrupt");
    }

    // Who asks has other things to do than to wait here for a session, and is told when there is one.
    private ServerConnection Server() =>
        connection() ?? throw new ProblemException(ProblemKind.Unavailable, "server.unreachable", "the server is not connected");

    private async Task FetchBatchAsync(ServerConnection server, HashSet<ObjectReference> wanted, Action arrived, CancellationToken cancellationToken)
    {
        var question = new GetObjects([.. wanted.Select(reference => reference.ToString())]);
        using var answer = await server.OpenPostAsync("agent/v1/objects", question, MusterJson.Default.GetObjects, cancellationToken);
        using var objects = new BatchStream(new PatientStream(await answer.Content.ReadAsStreamAsync(cancellationToken), Silence, time));
        while (await objects.NextAsync(cancellationToken) is { } header)
        {
            if (!wanted.Remove(header.Reference))
            {
                throw new ProblemException(ProblemKind.Unavailable, "fetch.failed", $"the server sent {header.Reference}, which was not asked for");
            }

            if (await cache.TryAddAsync(header.Reference, header.Encoding == ObjectEncoding.Zstd, header.Length, objects.Content, cancellationToken))
            {
                Received += header.StoredLength;
            }
            else
            {
                Corrupt(header.Reference);
            }

            arrived();
        }
    }

    private void Corrupt(ObjectReference reference)
    {
        log.Warning($"{reference} arrived damaged and is fetched again");
        conditions.Raise("fetch.corrupt", "warning", "Damaged on the way", $"{reference} arrived damaged and is fetched again.",
            "If it stays: something between server and machine changes what passes, or the server's store is damaged (muster images show says so).");
    }
}
