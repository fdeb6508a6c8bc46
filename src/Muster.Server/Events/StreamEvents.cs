using System.Globalization;
using System.Text;
using System.Text.Json;
using Muster.Core.Problems;
using Muster.Server.Database;
using Muster.Server.Edge;
using Muster.Server.Identity;
using Muster.Server.Operations;

namespace Muster.Server.Events;

/// <summary>
/// Everything that happens, as server-sent events: <c>ready</c> first (its id is where the stream begins, so read the lists after it),
/// then each event under its kind. <c>Last-Event-ID</c> (or <c>?after=</c>) resumes; a number that is gone or not ours answers
/// <c>reset</c>: read the lists again. Who may no longer see is cut off within two seconds.
/// </summary>
internal sealed class StreamEvents(SqlDatabase database, Callers callers, EventsNumbered numbered, IHostApplicationLifetime lifetime, TimeProvider time) : StreamOperation
{
    private const int Batch = 500;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CommentEvery = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    public override string Name => "Events.Stream";

    public override string Summary => "Streams what happens, resumable by number.";

    public override string Method => HttpMethods.Get;

    public override string Produces => "text/event-stream";

    public override IReadOnlyList<StreamParameter> Parameters =>
    [
        new("Last-Event-ID", "the last event that was read: what came after it is told", In: "header"),
        new("after", "the same, for whoever cannot set a header", Type: typeof(long)),
    ];

    public override async Task HandleAsync(HttpContext http, Caller caller, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store, no-transform";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            var last = await BeginAsync(http, caller, ending.Token);
            await FollowAsync(http, caller, last, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The page was closed or the server stops: the reader resumes by number.
        }
    }

    private async Task<long> BeginAsync(HttpContext http, Caller caller, CancellationToken cancellationToken)
    {
        var numbers = await database.ReadAsync(sql => EventStore.GetNumbersAsync(sql, caller.Organisation, cancellationToken), cancellationToken);
        var given = http.Request.Headers["Last-Event-ID"].ToString();
        given = given.Length > 0 ? given : http.Request.Query["after"].ToString();
        if (given.Length == 0)
        {
            await SendAsync(http, "ready", numbers.Newest, "{}", cancellationToken);
            return numbers.Newest;
        }

        if (!long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var last) || last < numbers.Forgotten || last > numbers.Newest)
        {
            await SendAsync(http, "reset", numbers.Newest, "{}", cancellationToken);
            return numbers.Newest;
        }

        await SendAsync(http, "ready", last, "{}", cancellationToken);
        return last;
    }

    private async Task FollowAsync(HttpContext http, Caller caller, long last, CancellationToken cancellationToken)
    {
        var began = time.GetUtcNow();
        var spoke = began;
        while (time.GetUtcNow() - began < Longest)
        {
            var wake = numbered.Signal.Next;
            var events = await database.ReadAsync(sql => EventStore.ListAfterAsync(sql, caller.Organisation, last, Batch, cancellationToken), cancellationToken);
            foreach (var one in events)
            {
                last = one.Number;
                if (EventReaders.MayRead(caller, one.Kind))
                {
                    await SendAsync(http, one.Kind, one.Number, JsonSerializer.Serialize(one.Show(), WireJson.Options), cancellationToken);
                    spoke = time.GetUtcNow();
                }
            }

            if (events.Count == Batch)
            {
                continue;
            }

            await Task.WhenAny(wake, Task.Delay(Poll, time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            if (await FindStillAsync(http, cancellationToken) is not { } still)
            {
                return;
            }

            caller = still;
            if (time.GetUtcNow() - spoke > CommentEvery)
            {
                await http.Response.WriteAsync(":\n\n", cancellationToken);
                await http.Response.Body.FlushAsync(cancellationToken);
                spoke = time.GetUtcNow();
            }
        }
    }

    /// <summary>Who reads on, or null: the answer has begun, so a token that ended in the meantime ends it without words.</summary>
    private async Task<Caller?> FindStillAsync(HttpContext http, CancellationToken cancellationToken)
    {
        try
        {
            return await callers.FindAsync(http.Request, markUsed: false, cancellationToken) is { } still && still.May(Name, Sensitive) ? still : null;
        }
        catch (ProblemException e) when (e.Kind == ProblemKind.Unauthenticated)
        {
            return null;
        }
    }

    // JSON has no bare line breaks, so one data line is enough.
    private static async Task SendAsync(HttpContext http, string kind, long number, string json, CancellationToken cancellationToken)
    {
        await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {number}\nevent: {kind}\ndata: {json}\n\n")), cancellationToken);
        await http.Response.Body.FlushAsync(cancellationToken);
    }
}
