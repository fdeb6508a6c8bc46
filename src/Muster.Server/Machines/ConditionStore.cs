using Muster.Protocol.Machines;
using Muster.Protocol.Operations;
using Muster.Server.Database;
using Muster.Server.Operations;

namespace Muster.Server.Machines;

/// <summary>Lasting troubles of machines. The agent says which hold on its side, the server which on its own; neither clears the other's.</summary>
internal static class ConditionStore
{
    public const string Agent = "agent";
    public const string Server = "server";

    private const string Columns = "c.machine AS Machine, m.name AS MachineName, c.code AS Code, c.source AS Source, c.severity AS Severity, c.title AS Title, c.text AS Text, c.cure AS Cure, c.since AS Since";

    private const string From = "FROM conditions c JOIN machines m ON m.organisation = c.organisation AND m.id = c.machine";

    public static Task<IReadOnlyList<ConditionRow>> ListAsync(ReadSql sql, OrganisationId organisation, MachineId machine, CancellationToken cancellationToken) =>
        sql.QueryAsync<ConditionRow>($"SELECT {Columns} {From} WHERE c.organisation = @organisation AND c.machine = @machine ORDER BY c.since, c.code", new { organisation, machine }, cancellationToken);

    public static async Task<(IReadOnlyList<ConditionRow> Rows, long Total, IReadOnlyList<FacetCount>? Counts)> ListAsync(
        ReadSql sql, OrganisationId organisation, IReadOnlyList<MachineRow>? machines, Protocol.Machines.ListConditions arguments, SortedPage page, CancellationToken cancellationToken)
    {
        var parameters = page.Parameters(new { organisation });
        var facets = new ListFacets(From, "WHERE c.organisation = @organisation AND (@search IS NULL OR strpos(lower(c.title || ' ' || m.name), lower(@search)) > 0)", parameters)
            .Add("severity", "c.severity", ListFacets.Split(arguments.Severity))
            .Add("machine", From, "m.name", MachineStore.AnyOf("c.machine", machines, parameters));
        return (
            await sql.QueryAsync<ConditionRow>($"SELECT {Columns}, {page.Key} {From} {facets.Where} {page.AfterAndOrder("c.machine")}", parameters, cancellationToken),
            await sql.GetAsync<long>($"SELECT count(*) {From} {facets.Where}", parameters, cancellationToken),
            await facets.CountAsync(sql, arguments.Counts, cancellationToken));
    }

    public static Task RaiseAsync(WriteSql sql, OrganisationId organisation, MachineId machine, string source, ConditionDetails condition, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(
            """
            INSERT INTO conditions (organisation, machine, code, source, severity, title, text, cure, since)
            VALUES (@organisation, @machine, @Code, @source, @Severity, @Title, @Text, @Cure, @Since)
            ON CONFLICT (organisation, machine, code) DO UPDATE SET severity = excluded.severity, title = excluded.title, text = excluded.text, cure = excluded.cure
            """,
            new { organisation, machine, source, condition.Code, condition.Severity, condition.Title, condition.Text, condition.Cure, condition.Since },
            cancellationToken);

    public static async Task<bool> ClearAsync(WriteSql sql, OrganisationId organisation, MachineId machine, string code, CancellationToken cancellationToken) =>
        await sql.ExecuteAsync("DELETE FROM conditions WHERE organisation = @organisation AND machine = @machine AND code = @code", new { organisation, machine, code }, cancellationToken) > 0;
}

internal sealed record ConditionRow
{
    public required MachineId Machine { get; init; }

    public required string MachineName { get; init; }

    public required string Code { get; init; }

    public required string Source { get; init; }

    public required string Severity { get; init; }

    public required string Title { get; init; }

    public required string Text { get; init; }

    public required string Cure { get; init; }

    public required DateTimeOffset Since { get; init; }

    public object? SortKey { get; init; }

    public ConditionDetails Show() => new(Code, Severity, Title, Text, Cure, Since);

    public ObjectCondition ShowWithObject() => new(new ObjectName("machine", Machine.ToString(), MachineName), Code, Severity, Title, Text, Cure, Since);
}
