using Muster.Server.Database;

namespace Muster.Server.Tasks;

/// <summary>Who runs which task. Whoever runs one holds it for a short time and renews that; the database's clock is the only one that counts.</summary>
internal sealed class TaskClaims(SqlDatabase database)
{
    /// <summary>A server that is silent for so long has lost its tasks to the others.</summary>
    public static readonly TimeSpan Held = TimeSpan.FromSeconds(10);

    private readonly string holder = Guid.NewGuid().ToString("N");

    private string Now => database.Dialect.Now;

    /// <summary>Whether something waits for somebody to run it. Costs no write.</summary>
    public Task<bool> IsAnyWaitingAsync(DateTimeOffset now, CancellationToken cancellationToken) => database.ReadAsync(
        async sql => await sql.FindAsync<long?>($"SELECT 1 FROM tasks t WHERE {Waiting} LIMIT 1", new { now }, cancellationToken) is not null,
        cancellationToken);

    /// <summary>Takes the next task that waits: of the organisation that was served longest ago, the one that is due longest.</summary>
    /// <param name="full">Organisations that have their share already.</param>
    public async Task<TaskRow?> TakeAsync(WriteSql sql, IReadOnlyCollection<OrganisationId> full, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var waiting = await sql.QueryAsync<Turn>(
            $"""
            SELECT t.organisation AS Organisation, max(coalesce(u.served, 0)) AS Served FROM tasks t LEFT JOIN task_turns u ON u.organisation = t.organisation
            WHERE {Waiting} GROUP BY t.organisation ORDER BY max(coalesce(u.served, 0)), t.organisation
            """,
            new { now },
            cancellationToken);
        if (waiting.FirstOrDefault(turn => !full.Contains(turn.Organisation)) is not { Organisation: var organisation })
        {
            return null;
        }

        var id = await sql.GetAsync<TaskId>(
            $"SELECT t.id FROM tasks t WHERE {Waiting} AND t.organisation = @organisation ORDER BY t.due, t.id LIMIT 1", new { now, organisation }, cancellationToken);
        await sql.ExecuteAsync(
            $"UPDATE tasks SET holder = @holder, until = {Now} + @held, claim = claim + 1 WHERE organisation = @organisation AND id = @id",
            new { holder, held = (long)Held.TotalMicroseconds, organisation, id },
            cancellationToken);
        await sql.ExecuteAsync(
            $"INSERT INTO task_turns (organisation, served) VALUES (@organisation, {Now}) ON CONFLICT (organisation) DO UPDATE SET served = excluded.served",
            new { organisation },
            cancellationToken);
        return await TaskStore.FindAsync(sql, organisation, id, cancellationToken);
    }

    /// <summary>Keeps all that this server runs for another while, and says which of it somebody wants stopped.</summary>
    public async Task<IReadOnlyList<HeldTask>> RenewAsync(WriteSql sql, CancellationToken cancellationToken)
    {
        await sql.ExecuteAsync($"UPDATE tasks SET until = {Now} + @held WHERE holder = @holder AND ended IS NULL", new { holder, held = (long)Held.TotalMicroseconds }, cancellationToken);
        return await sql.QueryAsync<HeldTask>("SELECT organisation AS Organisation, id AS Id, claim AS Claim, cancel AS Cancel, ending AS Ending FROM tasks WHERE holder = @holder AND ended IS NULL", new { holder }, cancellationToken);
    }

    /// <summary>Gives back what this server has by name and does not run.</summary>
    public Task ReleaseAsync(WriteSql sql, HeldTask task, CancellationToken cancellationToken) => sql.ExecuteAsync(
        "UPDATE tasks SET holder = NULL, until = NULL WHERE organisation = @Organisation AND id = @Id AND holder = @holder AND claim = @Claim",
        new { task.Organisation, task.Id, holder, task.Claim },
        cancellationToken);

    // Only what has not ended is in the index that this goes by.
    private string Waiting => $"t.ended IS NULL AND t.due <= @now AND (t.holder IS NULL OR t.until < {Now})";

    private sealed record Turn
    {
        public required OrganisationId Organisation { get; init; }

        public required long Served { get; init; }
    }
}

/// <summary>A task that this server runs, as the database has it.</summary>
internal sealed record HeldTask
{
    public required OrganisationId Organisation { get; init; }

    public required TaskId Id { get; init; }

    public required long Claim { get; init; }

    public required long Cancel { get; init; }

    public string? Ending { get; init; }

    /// <summary>Whether what is being done now is to stop.</summary>
    public bool IsToStop => Cancel > (Ending is null ? 0 : 1);
}
