using Muster.Core.Ids;
using Muster.Server.Database;

namespace Muster.Server.Events;

internal static class EventStore
{
    public static Task<IReadOnlyList<StoredEvent>> ListAfterAsync(ReadSql sql, OrganisationId organisation, long after, int count, CancellationToken cancellationToken) =>
        sql.QueryAsync<StoredEvent>(
            """
            SELECT number AS Number, time AS Time, kind AS Kind, subject AS Subject, data AS Data
            FROM events WHERE organisation = @organisation AND number > @after ORDER BY number LIMIT @count
            """,
            new { organisation, after, count },
            cancellationToken);

    public static Task<EventNumbers> GetNumbersAsync(ReadSql sql, OrganisationId organisation, CancellationToken cancellationToken) =>
        sql.GetAsync<EventNumbers>("SELECT newest AS Newest, forgotten AS Forgotten FROM event_numbers WHERE organisation = @organisation", new { organisation }, cancellationToken);

    /// <summary>Gives the oldest events without number theirs; returns how many there were.</summary>
    public static async Task<int> NumberAsync(WriteSql sql, int count, CancellationToken cancellationToken)
    {
        var waiting = await sql.QueryAsync<Unnumbered>(
            "SELECT organisation AS Organisation, id AS Id FROM events WHERE number IS NULL ORDER BY id LIMIT @count",
            new { count },
            cancellationToken);
        foreach (var events in waiting.GroupBy(row => row.Organisation))
        {
            var newest = (await GetNumbersAsync(sql, events.Key, cancellationToken)).Newest;
            foreach (var one in events)
            {
                await sql.ExecuteAsync(
                    "UPDATE events SET number = @number WHERE organisation = @Organisation AND id = @Id",
                    new { number = ++newest, one.Organisation, one.Id },
                    cancellationToken);
            }

            await sql.ExecuteAsync("UPDATE event_numbers SET newest = @newest WHERE organisation = @organisation", new { newest, organisation = events.Key }, cancellationToken);
        }

        return waiting.Count;
    }

    public static async Task ForgetAsync(WriteSql sql, DateTimeOffset before, CancellationToken cancellationToken)
    {
        await sql.ExecuteAsync(
            """
            UPDATE event_numbers SET forgotten = coalesce(
                (SELECT max(e.number) FROM events e WHERE e.organisation = event_numbers.organisation AND e.time < @before), forgotten)
            """,
            new { before },
            cancellationToken);
        await sql.ExecuteAsync(
            "DELETE FROM events WHERE number <= (SELECT n.forgotten FROM event_numbers n WHERE n.organisation = events.organisation)",
            null,
            cancellationToken);
    }

    private sealed record Unnumbered
    {
        public required OrganisationId Organisation { get; init; }

        public required Id<EventKind> Id { get; init; }
    }
}

internal sealed record StoredEvent
{
    public required long Number { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required string Kind { get; init; }

    public required string Subject { get; init; }

    /// <summary>JSON.</summary>
    public required string Data { get; init; }
}

/// <param name="Newest">The number given last.</param>
/// <param name="Forgotten">Events up to this one are gone.</param>
internal sealed record EventNumbers(long Newest, long Forgotten);
