using System.Threading.Channels;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Protocol.Agent;
using Muster.Server.Compliance;
using Muster.Server.Database;
using Muster.Server.Edge;
using Muster.Server.Identity;
using Muster.Server.Objects;

namespace Muster.Server.Machines;

/// <summary>Hands out objects to machines: only what their required image reaches. All else is unknown to them.</summary>
internal sealed class AgentObjects(SqlDatabase database, Reachability reachability, VerifiedObjects objects, MachinesMetrics metrics)
{
    private const int MostObjects = 10_000;
    private const long MaxRequest = 2 << 20;

    public async Task SendOneAsync(HttpContext http)
    {
        var text = $"{http.Request.RouteValues["kind"]}:{http.Request.RouteValues["digest"]}";
        if (!ObjectReference.TryParse(text, out var reference))
        {
            throw new ProblemException([new Fault("object", $"'{text}' is not a reference such as file:9f86d081…")]);
        }

        await RequireReachedAsync(http.GetCaller(), [reference], http.RequestAborted);
        metrics.Served(1);
        await ObjectDownload.SendAsync(http, await objects.OpenAsync(reference, http.RequestAborted), reference.Digest.ToString(), http.RequestAborted);
    }

    public async Task SendManyAsync(HttpContext http)
    {
        var request = await AgentApi.ReadAsync<GetObjects>(http, MaxRequest);
        var faults = new Faults();
        faults.Require(request.Objects is { Count: > 0 and <= MostObjects }, "objects", $"1 to {MostObjects} references");
        var wanted = new HashSet<ObjectReference>();
        foreach (var text in request.Objects ?? [])
        {
            faults.Require(ObjectReference.TryParse(text, out var reference), "objects", $"'{CleanText.Of(text, 100)}' is not a reference such as file:9f86d081…");
            wanted.Add(reference);
        }

        faults.ThrowIfAny();
        await RequireReachedAsync(http.GetCaller(), wanted, http.RequestAborted);
        metrics.Served(wanted.Count);
        http.Response.ContentType = "application/octet-stream";
        await SendAsync(http, await objects.InOrderAsync(wanted, http.RequestAborted));
    }

    private async Task SendAsync(HttpContext http, IReadOnlyCollection<ObjectReference> wanted)
    {
        // Opening checks every byte, so it goes ahead on all processors while what is ready is sent.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        var ready = Channel.CreateBounded<(ObjectReference Reference, StoredObject Opened)>(8);
        var opening = OpenAsync(wanted, ready.Writer, stop.Token);
        try
        {
            await foreach (var (reference, opened) in ready.Reader.ReadAllAsync(http.RequestAborted))
            {
                await using (opened)
                {
                    var header = new ByteWriter();
                    new BatchHeader(reference, opened.Form.Encoding, opened.Form.Length, opened.StoredLength).Write(header);
                    await http.Response.BodyWriter.WriteAsync(header.ToArray(), http.RequestAborted);
                    await opened.Content.CopyToAsync(http.Response.Body, http.RequestAborted);
                }
            }

            // Each answer leaves out what is damaged, so that in the end nothing else is asked for, and then it is said why it does not come.
            if (await opening is { } damaged && !http.Response.HasStarted)
            {
                throw damaged;
            }
        }
        finally
        {
            await stop.CancelAsync();
            while (ready.Reader.TryRead(out var left))
            {
                await left.Opened.DisposeAsync();
            }
        }
    }

    private async Task<ProblemException?> OpenAsync(IReadOnlyCollection<ObjectReference> wanted, ChannelWriter<(ObjectReference Reference, StoredObject Opened)> ready, CancellationToken cancellationToken)
    {
        ProblemException? damaged = null;
        try
        {
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(wanted, parallel, async (reference, ct) =>
            {
                try
                {
                    await ready.WriteAsync((reference, await objects.OpenAsync(reference, ct)), ct);
                }
                catch (ProblemException e) when (e.Code == "object.damaged")
                {
                    Volatile.Write(ref damaged, e);
                }
            });
            ready.Complete();
        }
        catch (Exception e)
        {
            ready.Complete(e);
        }

        return damaged;
    }

    private async Task RequireReachedAsync(Caller caller, IReadOnlyCollection<ObjectReference> wanted, CancellationToken cancellationToken)
    {
        var machine = await database.ReadAsync(sql => MachineStore.GetAsync(sql, caller.Organisation, caller.Machine, cancellationToken), cancellationToken);
        var reached = machine.ImageDigest is { } image ? await reachability.OfAsync(new Digest(image), cancellationToken) : new HashSet<ObjectReference>();
        foreach (var reference in wanted)
        {
            if (!reached.Contains(reference))
            {
                throw ObjectDownload.Unknown(reference);
            }
        }
    }
}
