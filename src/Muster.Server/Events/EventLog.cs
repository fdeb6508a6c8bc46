using System.Text.Json;
using Muster.Core.Ids;
using Muster.Server.Database;
using Muster.Server.Edge;

namespace Muster.Server.Events;

/// <summary>
/// What happened, for pages and other readers. An event is written in the transaction of its change, so there is no change without
/// its event and no event without its change. Numbers come afterwards (<see cref="EventNumbering"/>), because transactions commit
/// in another order than they began.
/// </summary>
internal sealed class EventLog(EventsWritten written, Neighbours neighbours, TimeProvider time)
{
    /// <param name="kind">A noun and what happened to it: <c>machine.changed</c>. Whoever may use <c>Machines.List</c> reads it.</param>
    /// <param name="subject">The object's id.</param>
    /// <param name="data">What saves the reader a question; small, without secrets.</param>
    public async Task AddAsync(WriteSql sql, OrganisationId organisation, string kind, string subject, object data, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await sql.ExecuteAsync(
            "INSERT INTO events (organisation, id, number, time, kind, subject, data) VALUES (@organisation, @id, NULL, @now, @kind, @subject, @data)",
            new { organisation, id = Id<EventKind>.New(time), now, kind, subject, data = JsonSerializer.Serialize(data, WireJson.Options) },
            cancellationToken);
        sql.AfterCommit(written.Signal.Wake);
        await neighbours.TellAsync(sql, EventNumbering.Written, "", cancellationToken);
    }
}
