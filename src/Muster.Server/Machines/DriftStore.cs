using Muster.Core.Trees;
using Muster.Protocol.Machines;
using Muster.Protocol.Operations;
using Muster.Server.Database;
using Muster.Server.Operations;

namespace Muster.Server.Machines;

internal static class DriftStore
{
    private const string Columns =
        """
        d.id AS Id, d.machine AS Machine, m.name AS MachineName, d.path AS Path, d.shown AS Shown, d.what AS What, d.facets AS Facets, d.outcome AS Outcome,
        d.microseconds AS Microseconds, d.found_by AS FoundBy, d.culprit AS Culprit, d.sentence AS Sentence, d.at AS At
        """;

    private const string From = "FROM drift d JOIN machines m ON m.organisation = d.organisation AND m.id = d.machine";

    /// <summary>Keeps drifts; one that was sent before counts once. Answers how many were new.</summary>
    public static Task<int> AddAsync(WriteSql sql, OrganisationId organisation, IEnumerable<DriftRow> drifts, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(
            """
            INSERT INTO drift (organisation, id, machine, path, shown, what, facets, outcome, microseconds, found_by, culprit, sentence, at)
            VALUES (@organisation, @Id, @Machine, @Path, @Shown, @What, @Facets, @Outcome, @Microseconds, @FoundBy, @Culprit, @Sentence, @At)
            ON CONFLICT (organisation, id) DO NOTHING
            """,
            drifts.Select(drift => new
            {
                organisation, drift.Id, drift.Machine, drift.Path, drift.Shown, drift.What, drift.Facets, drift.Outcome, drift.Microseconds, drift.FoundBy,
                drift.Culprit, drift.Sentence, drift.At,
            }),
            cancellationToken);

    public static async Task<(IReadOnlyList<DriftRow> Rows, long Total, IReadOnlyList<FacetCount>? Counts)> ListAsync(
        ReadSql sql, OrganisationId organisation, IReadOnlyList<MachineRow>? machines, Protocol.Machines.ListDrift arguments, SortedPage page, CancellationToken cancellationToken)
    {
        var parameters = page.Parameters(new { organisation });
        var facets = new ListFacets(From, "WHERE d.organisation = @organisation AND (@search IS NULL OR strpos(lower(d.sentence), lower(@search)) > 0)", parameters)
            .Add("machine", From, "m.name", MachineStore.AnyOf("d.machine", machines, parameters))
            .Add("outcome", "d.outcome", ListFacets.Split(arguments.Outcome));
        return (
            await sql.QueryAsync<DriftRow>($"SELECT {Columns}, {page.Key} {From} {facets.Where} {page.AfterAndOrder("d.id")}", parameters, cancellationToken),
            await sql.GetAsync<long>($"SELECT count(*) FROM drift d {facets.Where}", parameters, cancellationToken),
            await facets.CountAsync(sql, arguments.Counts, cancellationToken));
    }

    public static async Task<int> ForgetAsync(WriteSql sql, DateTimeOffset before, int perMachine, CancellationToken cancellationToken) =>
        await sql.ExecuteAsync("DELETE FROM drift WHERE at < @before", new { before }, cancellationToken)
        + await sql.ExecuteAsync(
            """
            DELETE FROM drift WHERE (SELECT count(*) FROM drift n WHERE n.organisation = drift.organisation AND n.machine = drift.machine) > @perMachine
            AND at < (SELECT n.at FROM drift n WHERE n.organisation = drift.organisation AND n.machine = drift.machine ORDER BY n.at DESC, n.id DESC LIMIT 1 OFFSET @perMachine)
            """,
            new { perMachine },
            cancellationToken);
}

internal sealed record DriftRow
{
    public required DriftId Id { get; init; }

    public required MachineId Machine { get; init; }

    public string MachineName { get; init; } = "";

    public required byte[] Path { get; init; }

    public required string Shown { get; init; }

    public required string What { get; init; }

    /// <summary>Separated by spaces.</summary>
    public required string Facets { get; init; }

    public required string Outcome { get; init; }

    public long? Microseconds { get; init; }

    public required string FoundBy { get; init; }

    /// <summary>JSON.</summary>
    public string? Culprit { get; init; }

    public required string Sentence { get; init; }

    public required DateTimeOffset At { get; init; }

    public object? SortKey { get; init; }

    public DriftDetails Show() => new(
        Id, Machine, MachineName, TreePath.FromBytes(Path), Shown, What, Facets.Split(' ', StringSplitOptions.RemoveEmptyEntries), Outcome, Microseconds, FoundBy,
        Culprit is null ? null : System.Text.Json.JsonSerializer.Deserialize<Culprit>(Culprit, Edge.WireJson.Options), Sentence, At);
}
