namespace Muster.Server.Database;

/// <summary>Work that only one process does at a time. Time is the database's, so that no server's wrong clock takes a lease from another.</summary>
internal sealed class Leases(SqlDatabase database)
{
    private readonly string holder = Guid.NewGuid().ToString("N");

    /// <summary>Under which name this process holds leases. Another after each start.</summary>
    public string Holder => holder;

    /// <summary>True while another process holds the lease: looking costs no write, and nobody is in the other's way.</summary>
    public async Task<bool> IsOthersAsync(ReadSql sql, string name, CancellationToken cancellationToken) =>
        await sql.GetAsync<long>($"SELECT count(*) FROM leases WHERE name = @name AND holder <> @holder AND until >= {database.Dialect.Now}", new { name, holder }, cancellationToken) > 0;

    /// <summary>Does something at most once in a while, by whichever process comes first; from then on by that one, while it lives.</summary>
    /// <param name="every">For how long the others leave it alone.</param>
    public Task DoOnceAsync(string name, TimeSpan every, Func<WriteSql, Task> body, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async sql =>
            {
                if (await TryHoldAsync(sql, name, every, cancellationToken))
                {
                    await body(sql);
                }
            },
            cancellationToken);

    /// <summary>Takes or keeps the lease; false while another process holds it.</summary>
    public Task<bool> TryHoldAsync(WriteSql sql, string name, TimeSpan duration, CancellationToken cancellationToken) =>
        HoldAsync(sql, name, (long)duration.TotalMicroseconds, cancellationToken);

    /// <summary>Gives the lease back, so that another process need not wait for its end.</summary>
    public Task<int> ReleaseAsync(WriteSql sql, string name, CancellationToken cancellationToken) =>
        sql.ExecuteAsync("DELETE FROM leases WHERE name = @name AND holder = @holder", new { name, holder }, cancellationToken);

    private async Task<bool> HoldAsync(WriteSql sql, string name, long duration, CancellationToken cancellationToken) =>
        await sql.ExecuteAsync(
            $"""
            INSERT INTO leases (name, holder, until) VALUES (@name, @holder, {database.Dialect.Now} + @duration)
            ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
            WHERE leases.holder = excluded.holder OR leases.until < {database.Dialect.Now}
            """,
            new { name, holder, duration },
            cancellationToken) == 1;
}
