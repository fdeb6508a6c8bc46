using System.Text.Json;
using Muster.Agent.Identity;
using Muster.Core.Problems;
using Muster.Protocol;
using Muster.Protocol.Agent;
using Muster.Protocol.Machines;

namespace Muster.Agent.Session;

/// <summary>What a session needs of the machine it is for.</summary>
/// <param name="Facts">What the machine says of itself.</param>
/// <param name="Heard">Told each time that the server tells.</param>
internal sealed record SessionLink(Func<MachineFacts> Facts, Action<DateTimeOffset> Heard);

/// <summary>
/// Keeps a session open for as long as the agent lives (docs/formats/session.md): hello, the stream of orders, reports; after a cut all
/// of it again. It decides nothing about the tree: accepted orders go to whoever keeps it.
/// </summary>
internal sealed class SessionLoop(
    Func<CancellationToken, Task<ServerConnection>> connect, SessionLink link, OrderBook orders, Reporter reporter, MachineReport report,
    Conditions conditions, AgentClock clock, AgentLog log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // A session that breaks sooner was none: whatever breaks it would break the next one too.
    private static readonly TimeSpan Stable = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan TakeAgain = TimeSpan.FromSeconds(30);

    private const string OrderNotKept = "order.not-kept";

    private readonly Lock gate = new();
    private ServerConnection? current;
    private ServerEvent? untaken;
    private TaskCompletionSource anew = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? told;

    /// <summary>The way to the server while a session is open.</summary>
    public ServerConnection? Connection => Volatile.Read(ref current);

    /// <summary>Called with each order that was accepted and is on disk.</summary>
    public event Action<Order>? Ordered;

    /// <summary>Called when a session begins.</summary>
    public event Action? Connected;

    /// <summary>Ends the session and begins another at once: there is a new certificate, and the old connection has shown the old one.</summary>
    public void BeginAnew()
    {
        lock (gate)
        {
            anew.TrySetResult();
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(Random.Shared);
        while (!cancellationToken.IsCancellationRequested)
        {
            TimeSpan? asked = null;
            TimeSpan? since = null;
            try
            {
                using var server = await connect(cancellationToken);
                var heartbeat = await GreetAsync(server, cancellationToken);
                since = clock.Running;
                await TalkAsync(server, heartbeat, cancellationToken);
                continue;
            }
            catch (ProblemException e)
            {
                asked = e.RetryAfter;
                if (clock.Running - since >= Stable)
                {
                    told = null;
                    backoff.Reset();
                }

                Explain(e);
            }
            finally
            {
                Volatile.Write(ref current, null);
            }

            var pause = backoff.Next();
            await Task.Delay(asked > pause ? asked.Value : pause, clock.Time, cancellationToken);
        }
    }

    private async Task<TimeSpan> GreetAsync(ServerConnection server, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            anew = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        var hello = await server.PostAsync("agent/v1/hello", new Hello(link.Facts(), ServerConnection.Build, orders.Epoch, orders.Number),
            MusterJson.Default.Hello, MusterJson.Default.HelloAnswer, Patience, cancellationToken);
        link.Heard(hello.ServerTime);
        Volatile.Write(ref current, server);
        conditions.Clear("certificate.refused");
        log.Information("connected to the server");
        Connected?.Invoke();
        return TimeSpan.FromSeconds(Math.Clamp(hello.HeartbeatSeconds, 1, 600));
    }

    // Returns only to begin anew; what breaks it is thrown.
    private async Task TalkAsync(ServerConnection server, TimeSpan heartbeat, CancellationToken cancellationToken)
    {
        Task wanted;
        lock (gate)
        {
            wanted = anew.Task;
        }

        await Together.RunAsync(
            [stop => ListenAsync(server, stop), stop => reporter.RunAsync(server, heartbeat, stop), TakeAgainAsync, stop => wanted.WaitAsync(stop)], cancellationToken);
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

    // An order for which there was no room on the disk. The server does not repeat it before the next session.
    private async Task TakeAgainAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(TakeAgain, clock.Time, cancellationToken);
            lock (gate)
            {
                if (untaken is { } before)
                {
                    TakeOne(before);
                }
            }
        }
    }

    private void Take(ServerEvent next)
    {
        lock (gate)
        {
            TakeOne(next);
        }
    }

    private void TakeOne(ServerEvent next)
    {
        untaken = null;
        try
        {
            var order = JsonSerializer.Deserialize(next.Data, MusterJson.Default.Order);
            if (order?.Steps is not null && orders.Accept(order))
            {
                Ordered?.Invoke(order);
            }

            conditions.Clear("order.refused");
            conditions.Clear("order.unknown-step");
            conditions.Clear(OrderNotKept);
        }
        catch (JsonException e)
        {
            log.Error($"the server sent an order that cannot be read: {e.Message}");
        }
        catch (ProblemException e) when (e.Kind == ProblemKind.Full)
        {
            untaken = next;
            conditions.RaiseFor(e, OrderNotKept, "Order not taken", "Make room on the machine.");
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

    // Once per outage and cause: a line per try would only fill the journal.
    private void Explain(ProblemException e)
    {
        if (told != e.Message)
        {
            log.Warning($"no session with the server, trying again and again: {e.Message}");
            told = e.Message;
        }

        if (e.Kind is ProblemKind.Denied or ProblemKind.Unauthenticated)
        {
            conditions.Raise("certificate.refused", "error", "Refused by the server", e.Message, "Join this machine again, or let it be: it keeps its last order meanwhile.");
        }
    }
}
