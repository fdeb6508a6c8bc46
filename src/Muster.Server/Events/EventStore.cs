using System.Globalization;
using System.Text.Json;
using Dapper;
using Muster.Core.Ids;
using Muster.Protocol.Events;
using Muster.Protocol.Operations;
using Muster.Server.Database;
using Muster.Server.Operations;

namespace Muster.Server.Events;

internal static class EventStore
{
    private static readonly string[] Progress = ["machine.progress", "task.progress"];

    public static Task<IReadOnlyList<StoredEvent>> ListAfterAsync(ReadSql sql, OrganisationId organisation, long after, int count, CancellationToken cancellationToken) =>
        sql.QueryAsync<StoredEvent>(
            """
            SELECT id AS Id, number AS Number, time AS Time, kind AS Kind, subject AS Subject, data AS Data
            FROM events WHERE organisation = @organisation AND number > @after ORDER BY number LIMIT @count
            """,
            new { organisation, after, count },
            cancellationToken);

    /// <param name="nouns">Whose events may be read.</param>
    public static async Task<(IReadOnlyList<StoredEvent> Rows, long Total, IReadOnlyList<FacetCount>? Counts)> ListAsync(
        ReadSql sql, OrganisationId organisation, IReadOnlyList<string> nouns, Protocol.Events.ListEvents arguments, SortedPage page, CancellationToken cancellationToken)
    {
        const string from = "FROM events e";
        const string where =
            """
            WHERE e.organisation = @organisation AND e.number IS NOT NULL AND (@subject IS NULL OR e.subject = @subject)
                AND (@search IS NULL OR strpos(lower(e.data), lower(@search)) > 0 OR strpos(e.kind, lower(@search)) > 0)
            """;
        var parameters = page.Parameters(new { organisation, subject = arguments.Subject });
        var readable = " AND " + AnyKind("readable", nouns, parameters);
        var kinds = ListFacets.Split(arguments.Kind);
        if (kinds.Length == 0)
        {
            parameters.Add("progress", Progress);
        }

        var facets = new ListFacets(from, where + readable, parameters)
            .Add("kind", from, "e.kind", kinds.Length == 0 ? " AND NOT (e.kind IN @progress)" : " AND " + AnyKind("kind", kinds, parameters));
        return (
            await sql.QueryAsync<StoredEvent>(
                $"SELECT e.id AS Id, e.number AS Number, e.time AS Time, e.kind AS Kind, e.subject AS Subject, e.data AS Data, {page.Key} {from} {facets.Where} {page.AfterAndOrder("e.id")}", parameters, cancellationToken),
            await sql.GetAsync<long>($"SELECT count(*) {from} {facets.Where}", parameters, cancellationToken),
            await facets.CountAsync(sql, arguments.Counts, cancellationToken));
    }

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

    // A noun stands for all kinds that begin with it and a dot. As ranges, which both engines compare byte by byte.
    private static string AnyKind(string name, IReadOnlyList<string> kinds, DynamicParameters parameters)
    {
        var conditions = new List<string>();
        foreach (var kind in kinds)
        {
            var number = string.Create(CultureInfo.InvariantCulture, $"{name}{conditions.Count}");
            parameters.Add(number, kind.Contains('.', StringComparison.Ordinal) ? kind : kind + ".");
            parameters.Add(number + "end", kind.Contains('.', StringComparison.Ordinal) ? kind : kind + "/");
            conditions.Add($"e.kind = @{number} OR (e.kind > @{number} AND e.kind < @{number}end)");
        }

        return conditions.Count == 0 ? "1 = 0" : $"({string.Join(" OR ", conditions)})";
    }

    private sealed record Unnumbered
    {
        public required OrganisationId Organisation { get; init; }

        public required Id<EventKind> Id { get; init; }
    }
}

internal sealed record StoredEvent
{
    public required Id<EventKind> Id { get; init; }

    public required long Number { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required string Kind { get; init; }

    public required string Subject { get; init; }

    /// <summary>JSON.</summary>
    public required string Data { get; init; }

    public object? SortKey { get; init; }

    public Event Show()
    {
        using var data = JsonDocument.Parse(Data);
        return new Event(Number, Time, Kind, Subject, data.RootElement.Clone());
    }
}

/// <param name="Newest">The number given last.</param>
/// <param name="Forgotten">Events up to this one are gone.</param>
internal sealed record EventNumbers(long Newest, long Forgotten);
