using System.Text.Json;
using Muster.Agent.Identity;
using Muster.Core.Problems;
using Muster.Protocol;
using Muster.Protocol.Agent;
using Muster.Protocol.Machines;

namespace Muster.Agent.Session;

/// <summary>
/// Keeps a session open for as long as the agent lives (docs/formats/session.md): hello, the stream of orders, reports; after a cut all
/// of it again. It decides nothing about the tree: accepted orders go to whoever keeps it.
/// </summary>
internal sealed class SessionLoop(
    Func<CancellationToken, Task<ServerConnection>> connect, Func<MachineFacts> facts, OrderBook orders, Reporter reporter, MachineReport report,
    Conditions conditions, AgentClock clock, AgentLog log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private ServerConnection? current;

    /// <summary>The way to the server while a session is open.</summary>
    public ServerConnection? Connection => Volatile.Read(ref current);

    /// <summary>Called with each order that was accepted and is on disk.</summary>
    public event Action<Order>? Ordered;

    /// <summary>Called when a session begins.</summary>
    public event Action? Connected;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(Random.Shared);
        var wasConnected = true;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                using var server = await connect(cancellationToken);
                var hello = await server.PostAsync("agent/v1/hello", new Hello(facts(), ServerConnection.Build, orders.Epoch, orders.Number),
                    MusterJson.Default.Hello, MusterJson.Default.HelloAnswer, Patience, cancellationToken);
                clock.Heard(hello.ServerTime);
                Volatile.Write(ref current, server);
                conditions.Clear("certificate.refused");
                log.Information("connected to the server");
                wasConnected = true;
                backoff.Reset();
                Connected?.Invoke();
                await TalkAsync(server, TimeSpan.FromSeconds(Math.Clamp(hello.HeartbeatSeconds, 1, 600)), cancellationToken);
            }
            catch (ProblemException e)
            {
                Explain(e, ref wasConnected);
            }
            finally
            {
                Volatile.Write(ref current, null);
            }

            await Task.Delay(backoff.Next(), clock.Time, cancellationToken);
        }
    }

    private async Task TalkAsync(ServerConnection server, TimeSpan heartbeat, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] both = [ListenAsync(server, either.Token), reporter.RunAsync(server, heartbeat, either.Token)];
        var first = await Task.WhenAny(both);
        await either.CancelAsync();
        try
        {
            await Task.WhenAll(both);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The one that did not break was told to stop.
        }

        await first;
    }

    private async Task ListenAsync(ServerConnection server, CancellationToken cancellationToken)
    {
        var stream = await OpenAsync(server, cancellationToken);
        try
        {
            while (await stream.NextAsync(cancellationToken) is { } next)
            {
                switch (next.Kind)
                {
                    case "order":
                        Take(next);
                        break;
                    case "renew":
                        var old = stream;
                        stream = await OpenAsync(server, cancellationToken);
                        old.Dispose();
                        break;
                }
            }
        }
        finally
        {
            stream.Dispose();
        }

        throw new ProblemException(ProblemKind.Unavailable, "server.unreachable", "the server ended the stream");
    }

    private async Task<EventStream> OpenAsync(ServerConnection server, CancellationToken cancellationToken)
    {
        var last = orders.Last is null ? null : $"{orders.Epoch}.{orders.Number}";
        var answer = await server.OpenGetAsync("agent/v1/session", "text/event-stream", last, cancellationToken);
        return new EventStream(await answer.Content.ReadAsStreamAsync(cancellationToken), clock.Time);
    }

    private void Take(ServerEvent told)
    {
        try
        {
            var order = JsonSerializer.Deserialize(told.Data, MusterJson.Default.Order);
            if (order?.Steps is not null && orders.Accept(order))
            {
                Ordered?.Invoke(order);
            }

            conditions.Clear("order.refused");
            conditions.Clear("order.unknown-step");
        }
        catch (JsonException e)
        {
            log.Error($"the server sent an order that cannot be read: {e.Message}");
        }
        catch (ProblemException e) when (e.Code == "order.unknown-step")
        {
            conditions.Raise("order.unknown-step", "error", "Order not understood", e.Message, "Update the agent on this machine.");
            report.Set(now => now with { State = MachineState.Refused, Why = e.Message });
        }
        catch (ProblemException e) when (e.Code.StartsWith("order.", StringComparison.Ordinal))
        {
            log.Warning($"refused: {e.Message}");
            conditions.Raise("order.refused", "error", "Order refused", e.Message,
                "If the server was restored from a backup, open its new epoch with muster server restore; if not, somebody may be replaying old orders.");
            report.Set(now => now with { State = MachineState.Refused, Why = e.Message });
        }
    }

    // Once per outage: a line per try would only fill the journal.
    private void Explain(ProblemException e, ref bool wasConnected)
    {
        if (wasConnected)
        {
            log.Warning($"no session with the server, trying again and again: {e.Message}");
            wasConnected = false;
        }

        if (e.Kind is ProblemKind.Denied or ProblemKind.Unauthenticated)
        {
            conditions.Raise("certificate.refused", "error", "Refused by the server", e.Message, "Join this machine again, or let it be: it keeps its last order meanwhile.");
        }
    }
}
