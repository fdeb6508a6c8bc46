using System.Globalization;
using Dapper;
using Muster.Core.Problems;
using Muster.Protocol.Machines;
using Muster.Protocol.Operations;
using Muster.Server.Database;
using Muster.Server.Operations;

namespace Muster.Server.Machines;

internal static class MachineStore
{
    private const string Columns =
        """
        m.organisation AS Organisation, m.id AS Id, m.name AS Name, m.mode AS Mode, m.required_image AS RequiredImage, i.name AS ImageName,
        i.image AS ImageDigest, i.managed AS WantedTree, m.version AS Version, m.order_number AS OrderNumber, m.wanted_at AS WantedAt, m.host AS Host,
        m.joined AS Joined, m.facts AS Facts, m.agent_version AS AgentVersion, m.address AS Address, m.link AS Link, m.server AS Server, m.state AS State, m.why AS Why,
        m.tree AS Tree, m.seen_order AS SeenOrder, m.entries AS Entries, m.files AS Files, m.bytes AS Bytes, m.missing AS Missing, m.extra AS Extra,
        m.changed AS Changed, m.last_update AS LastUpdate, m.seen_at AS SeenAt,
        (SELECT count(*) FROM conditions c WHERE c.organisation = m.organisation AND c.machine = m.id) AS Conditions,
        coalesce((SELECT max(CASE c.severity WHEN 'error' THEN 3 WHEN 'warning' THEN 2 ELSE 1 END) FROM conditions c
            WHERE c.organisation = m.organisation AND c.machine = m.id), 0) AS Worst
        """;

    private const string From = "FROM machines m LEFT JOIN images i ON i.organisation = m.organisation AND i.id = m.required_image";

    public static Task<MachineRow?> FindAsync(ReadSql sql, OrganisationId organisation, MachineId id, CancellationToken cancellationToken) =>
        sql.FindAsync<MachineRow>($"SELECT {Columns} {From} WHERE m.organisation = @organisation AND m.id = @id", new { organisation, id }, cancellationToken);

    /// <summary>By name or id as a person gives it.</summary>
    public static async Task<MachineRow> GetAsync(ReadSql sql, OrganisationId organisation, string machine, CancellationToken cancellationToken)
    {
        var found = MachineId.TryParse(machine, out var id)
            ? await FindAsync(sql, organisation, id, cancellationToken)
            : await sql.FindAsync<MachineRow>($"SELECT {Columns} {From} WHERE m.organisation = @organisation AND m.name = @machine", new { organisation, machine }, cancellationToken);
        return found ?? throw new ProblemException(ProblemKind.NotFound, "machine.unknown", $"there is no machine '{machine}'");
    }

    /// <summary>The machine of a certificate. Deleted means cut off.</summary>
    public static async Task<MachineRow> GetAsync(ReadSql sql, OrganisationId organisation, MachineId id, CancellationToken cancellationToken) =>
        await FindAsync(sql, organisation, id, cancellationToken) ?? throw new ProblemException(ProblemKind.Denied, "machine.deleted", "this machine was deleted here; join it again");

    public static async Task<bool> IsNameTakenAsync(ReadSql sql, OrganisationId organisation, string name, CancellationToken cancellationToken) =>
        await sql.FindAsync<long?>("SELECT 1 FROM machines WHERE organisation = @organisation AND name = @name", new { organisation, name }, cancellationToken) is not null;

    public static Task AddAsync(WriteSql sql, OrganisationId organisation, MachineId id, string name, string host, DateTimeOffset now, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(
            """
            INSERT INTO machines (organisation, id, name, mode, version, order_number, wanted_at, host, joined, link, state, why,
                seen_order, entries, files, bytes, missing, extra, changed)
            VALUES (@organisation, @id, @name, 'image', 1, 1, @now, @host, @now, 'reconnecting', 'unknown', 'It has joined and not reported yet.', 0, 0, 0, 0, 0, 0, 0)
            """,
            new { organisation, id, name, host, now },
            cancellationToken);

    /// <summary>A change of what the agent is told: a new order.</summary>
    public static Task RequireAsync(WriteSql sql, MachineRow machine, ImageId? image, MachineMode mode, DateTimeOffset now, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(
            """
            UPDATE machines SET required_image = @image, mode = @mode, version = version + 1, order_number = order_number + 1, wanted_at = @now,
                state = CASE WHEN @image IS NULL THEN 'unknown' ELSE 'planned' END,
                why = CASE WHEN @image IS NULL THEN 'Nothing is wanted of it.' ELSE 'It is told, and has not answered yet.' END
            WHERE organisation = @Organisation AND id = @Id
            """,
            new { machine.Organisation, machine.Id, image, mode = Words.Of(mode), now },
            cancellationToken);

    public static Task RenameAsync(WriteSql sql, MachineRow machine, string name, CancellationToken cancellationToken) =>
        sql.ExecuteAsync("UPDATE machines SET name = @name, version = version + 1 WHERE organisation = @Organisation AND id = @Id", new { machine.Organisation, machine.Id, name }, cancellationToken);

    public static async Task SetLabelsAsync(WriteSql sql, MachineRow machine, IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken)
    {
        await sql.ExecuteAsync("DELETE FROM machine_labels WHERE organisation = @Organisation AND machine = @Id", machine, cancellationToken);
        await sql.ExecuteAsync(
            "INSERT INTO machine_labels (organisation, machine, label, value) VALUES (@Organisation, @Id, @Key, @Value)",
            labels.Select(label => new { machine.Organisation, machine.Id, label.Key, label.Value }),
            cancellationToken);
        await sql.ExecuteAsync("UPDATE machines SET version = version + 1 WHERE organisation = @Organisation AND id = @Id", machine, cancellationToken);
    }

    public static Task DeleteAsync(WriteSql sql, MachineRow machine, CancellationToken cancellationToken) =>
        sql.ExecuteAsync("DELETE FROM machines WHERE organisation = @Organisation AND id = @Id", machine, cancellationToken);

    public static Task SetHelloAsync(WriteSql sql, MachineRow machine, string facts, string version, string? address, DateTimeOffset now, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(
            """
            UPDATE machines SET facts = @facts, agent_version = @version, address = @address, seen_at = @now,
                why = CASE WHEN required_image IS NULL AND state = 'unknown' THEN 'Nothing is wanted of it.' ELSE why END
            WHERE organisation = @Organisation AND id = @Id
            """,
            new { machine.Organisation, machine.Id, facts, version, address, now },
            cancellationToken);

    public static Task SetSeenAsync(WriteSql sql, MachineRow machine, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(
            """
            UPDATE machines SET state = @State, why = @Why, tree = @Tree, seen_order = @SeenOrder, entries = @Entries, files = @Files, bytes = @Bytes,
                missing = @Missing, extra = @Extra, changed = @Changed, last_update = @LastUpdate, seen_at = @SeenAt
            WHERE organisation = @Organisation AND id = @Id
            """,
            machine,
            cancellationToken);

    /// <summary>The host was installed anew: what was seen of it before is not true any more.</summary>
    public static async Task ForgetSeenAsync(WriteSql sql, MachineRow machine, string host, CancellationToken cancellationToken)
    {
        await sql.ExecuteAsync(
            """
            UPDATE machines SET host = @host, facts = NULL, state = CASE WHEN required_image IS NULL THEN 'unknown' ELSE 'planned' END,
                why = 'It has joined anew and not reported yet.', tree = NULL, seen_order = 0, entries = 0, files = 0, bytes = 0, missing = 0, extra = 0,
                changed = 0, last_update = NULL, seen_at = NULL, version = version + 1
            WHERE organisation = @Organisation AND id = @Id
            """,
            new { machine.Organisation, machine.Id, host },
            cancellationToken);
        await sql.ExecuteAsync("DELETE FROM conditions WHERE organisation = @Organisation AND machine = @Id", machine, cancellationToken);
    }

    /// <summary>Its agent talks to <paramref name="server"/> from now on; true where it talked to nobody before.</summary>
    public static async Task<bool> SetConnectedAsync(WriteSql sql, OrganisationId organisation, MachineId id, string server, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var before = await sql.FindAsync<string>("SELECT link FROM machines WHERE organisation = @organisation AND id = @id", new { organisation, id }, cancellationToken);
        var connected = Words.Of(MachineLink.Connected);
        await sql.ExecuteAsync(
            "UPDATE machines SET link = @connected, server = @server, seen_at = @now WHERE organisation = @organisation AND id = @id", new { organisation, id, connected, server, now }, cancellationToken);
        return before is not null && before != connected;
    }

    /// <summary>Its agent is heard no more by <paramref name="server"/>; false where it talks to another server meanwhile, or that was known.</summary>
    public static async Task<bool> SetLostAsync(WriteSql sql, OrganisationId organisation, MachineId id, string? server, MachineLink link, CancellationToken cancellationToken) =>
        await sql.ExecuteAsync(
            "UPDATE machines SET link = @link WHERE organisation = @organisation AND id = @id AND link <> @link AND coalesce(server, '') = @server",
            new { organisation, id, link = Words.Of(link), server = server ?? "" },
            cancellationToken) > 0;

    public static Task SetSeenAtAsync(WriteSql sql, IEnumerable<(OrganisationId Organisation, MachineId Id, DateTimeOffset At)> heard, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(
            "UPDATE machines SET seen_at = @At WHERE organisation = @Organisation AND id = @Id AND (seen_at IS NULL OR seen_at < @At)",
            heard.Select(one => new { one.Organisation, one.Id, one.At }),
            cancellationToken);

    /// <summary>Machines whose order changed lately: they are woken, and look themselves.</summary>
    public static Task<IReadOnlyList<MachineId>> ListWantedSinceAsync(ReadSql sql, DateTimeOffset since, CancellationToken cancellationToken) =>
        sql.QueryAsync<MachineId>("SELECT id FROM machines WHERE wanted_at >= @since", new { since }, cancellationToken);

    /// <summary>What a silent machine's link is judged by.</summary>
    public static Task<IReadOnlyList<LinkedMachine>> ListLinkedAsync(ReadSql sql, CancellationToken cancellationToken) =>
        sql.QueryAsync<LinkedMachine>(
            "SELECT organisation AS Organisation, id AS Id, name AS Name, link AS Link, server AS Server, coalesce(seen_at, joined) AS SeenAt FROM machines WHERE link <> 'unreachable'", null, cancellationToken);

    public static async Task<MachinePage> ListAsync(ReadSql sql, OrganisationId organisation, MachineFilter filter, SortedPage page, string? counts, CancellationToken cancellationToken)
    {
        var parameters = page.Parameters(new { organisation });
        var facets = filter.Facets(From, parameters);
        var rows = $"{From} {facets.Where} {page.AfterAndOrder("m.id")}";
        // The page is asked for again instead of naming its ids: one question however long it is, the same on each engine.
        var labels = await sql.QueryAsync<LabelRow>(
            $"SELECT l.machine AS Machine, l.label AS Label, l.value AS Value FROM machine_labels l WHERE l.organisation = @organisation AND l.machine IN (SELECT m.id {rows}) ORDER BY l.machine, l.label",
            parameters,
            cancellationToken);
        return new MachinePage(
            await sql.QueryAsync<MachineRow>($"SELECT {Columns}, {page.Key} {rows}", parameters, cancellationToken),
            labels.ToLookup(row => row.Machine, row => KeyValuePair.Create(row.Label, row.Value)),
            await sql.GetAsync<long>($"SELECT count(*) {From} {facets.Where}", parameters, cancellationToken),
            await facets.CountAsync(sql, counts, cancellationToken));
    }

    public static async Task<IEnumerable<KeyValuePair<string, string>>> ListLabelsAsync(ReadSql sql, MachineRow machine, CancellationToken cancellationToken)
    {
        var rows = await sql.QueryAsync<LabelRow>(
            "SELECT machine AS Machine, label AS Label, value AS Value FROM machine_labels WHERE organisation = @Organisation AND machine = @Id ORDER BY label", machine, cancellationToken);
        return rows.Select(row => KeyValuePair.Create(row.Label, row.Value));
    }

    /// <summary>Names or ids as a person types them, separated by commas; null where none is typed.</summary>
    public static async Task<IReadOnlyList<MachineRow>?> GetAllAsync(ReadSql sql, OrganisationId organisation, string? machines, CancellationToken cancellationToken)
    {
        if (machines is null)
        {
            return null;
        }

        var all = new List<MachineRow>();
        foreach (var machine in ListFacets.Split(machines))
        {
            all.Add(await GetAsync(sql, organisation, machine, cancellationToken));
        }

        return all.Count == 0 ? null : all;
    }

    /// <summary>To put behind a WHERE clause: the machine in <paramref name="column"/> is one of these; anything where none is named.</summary>
    public static string AnyOf(string column, IReadOnlyList<MachineRow>? machines, DynamicParameters parameters)
    {
        if (machines is null)
        {
            return "";
        }

        var names = machines.Select((machine, index) =>
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"machine{index}");
            parameters.Add(name, machine.Id);
            return "@" + name;
        });
        return $" AND {column} IN ({string.Join(", ", names)})";
    }

    private sealed record LabelRow
    {
        public required MachineId Machine { get; init; }

        public required string Label { get; init; }

        public required string Value { get; init; }
    }
}

/// <summary>One page of a list of machines, with the labels of those on it.</summary>
internal sealed record MachinePage(IReadOnlyList<MachineRow> Rows, ILookup<MachineId, KeyValuePair<string, string>> Labels, long Total, IReadOnlyList<FacetCount>? Counts);

internal sealed record LinkedMachine
{
    public required OrganisationId Organisation { get; init; }

    public required MachineId Id { get; init; }

    public required string Name { get; init; }

    public required string Link { get; init; }

    /// <summary>The server that its agent talks to, or talked to last; null before it was known.</summary>
    public string? Server { get; init; }

    public required DateTimeOffset SeenAt { get; init; }
}
