using Muster.Core.Problems;
using Muster.Server.Database;

namespace Muster.Server.Events;

/// <summary>Numbers events, in one process at a time, and forgets the old ones.</summary>
internal sealed class EventNumbering : Loop
{
    /// <summary>What servers tell each other when there is something to number, and when there is something to read.</summary>
    public const string Written = "events-written", Numbered = "events-numbered";

    private const int Batch = 1000;
    private const string Lease = "event-numbers";

    // Each batch is one transaction, so nothing depends on a long lease, and pages wait for its end where a server was killed.
    private static readonly TimeSpan Held = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);
    private static readonly TimeSpan ForgetEvery = TimeSpan.FromHours(1);

    private readonly SqlDatabase database;
    private readonly Leases leases;
    private readonly EventsWritten written;
    private readonly EventsNumbered numbered;
    private readonly Neighbours neighbours;
    private DateTimeOffset forgotten;

    public EventNumbering(SqlDatabase database, Leases leases, EventsWritten written, EventsNumbered numbered, Neighbours neighbours, TimeProvider time, ILogger<EventNumbering> log)
        : base(time, log)
    {
        (this.database, this.leases, this.written, this.numbered, this.neighbours) = (database, leases, written, numbered, neighbours);
        neighbours.On(Written, _ => written.Signal.Wake());
        neighbours.On(Numbered, _ => numbered.Signal.Wake());
    }

    protected override Task Wake => written.Signal.Next;

    /// <summary>Whoever comes after this server numbers at once.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await database.WriteAsync(sql => leases.ReleaseAsync(sql, Lease, cancellationToken), cancellationToken);
        }
        catch (ProblemException)
        {
            // The database is away as well: the lease ends by itself in a few seconds.
        }
    }

    protected override async Task<bool> RoundAsync(CancellationToken cancellationToken)
    {
        // Looking costs no write: an idle server leaves its disk alone.
        var (waiting, isOthers) = await database.ReadAsync(
            async sql => (await sql.FindAsync<long?>("SELECT 1 FROM events WHERE number IS NULL LIMIT 1", null, cancellationToken), await leases.IsOthersAsync(sql, Lease, cancellationToken)),
            cancellationToken);
        var now = Time.GetUtcNow();
        var forget = now - forgotten > ForgetEvery;
        if (isOthers || (waiting is null && !forget))
        {
            return false;
        }

        var count = await database.WriteAsync(
            async sql =>
            {
                if (!await leases.TryHoldAsync(sql, Lease, Held, cancellationToken))
                {
                    return 0;
                }

                if (forget)
                {
                    await EventStore.ForgetAsync(sql, now - Kept, cancellationToken);
                }

                var some = await EventStore.NumberAsync(sql, Batch, cancellationToken);
                await (some > 0 ? neighbours.TellAsync(sql, Numbered, "", cancellationToken) : Task.CompletedTask);
                return some;
            },
            cancellationToken);
        forgotten = forget ? now : forgotten;
        if (count > 0)
        {
            numbered.Signal.Wake();
        }

        return count == Batch;
    }
}
