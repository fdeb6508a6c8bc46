using System.Collections.Concurrent;
using System.Data.Common;
using Muster.Core.Problems;

namespace Muster.Server.Database;

/// <summary>
/// The other servers on the same database, where the engine allows for any. Each keeps a lease while it lives, and tells the others
/// when there is something to look at. A word wakes early and carries no truth: it may be lost, and who misses it looks a second later.
/// </summary>
internal sealed class Neighbours(SqlDatabase database, Leases leases, TimeProvider time, ILogger<Neighbours> log) : Loop(time, log)
{
    private const string Prefix = "server/";

    // Three renewals may be missed before the others think that this one is gone.
    private static readonly TimeSpan Held = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Action<string>> topics = new();

    /// <summary>This server, as <c>machines.server</c> names it. Another after each start.</summary>
    public string Me => leases.Holder;

    protected override TimeSpan Pause => TimeSpan.FromSeconds(3);

    /// <summary>What to do when another server speaks of a topic; it is quick and may be called at any time.</summary>
    /// <param name="topic">One word.</param>
    /// <param name="heard">Gets what was said about it, which may be empty.</param>
    public void On(string topic, Action<string> heard) => topics[topic] = heard;

    /// <summary>Tells the others when the change is durable. Nothing secret: whoever may read the database may listen.</summary>
    public Task TellAsync(WriteSql sql, string topic, string about, CancellationToken cancellationToken) => sql.TellAsync($"{Me} {topic} {about}", cancellationToken);

    /// <summary>Something that was told on this database, by anybody.</summary>
    public void Hear(string said)
    {
        if (said.Split(' ', 3) is [var who, var topic, var about] && who != Me && topics.TryGetValue(topic, out var heard))
        {
            heard(about);
        }
    }

    /// <summary>The servers that live, this one among them.</summary>
    public async Task<IReadOnlySet<string>> ListAsync(ReadSql sql, CancellationToken cancellationToken) =>
        (await sql.QueryAsync<string>($"SELECT holder FROM leases WHERE name LIKE '{Prefix}%' AND until >= {database.Dialect.Now}", null, cancellationToken)).Append(Me).ToHashSet();

    /// <summary>The others know of this one before it serves anybody.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await RoundAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>The others learn at once that it is gone.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await (database.Dialect.MayHaveNeighbours ? database.WriteAsync(sql => leases.ReleaseAsync(sql, Prefix + Me, cancellationToken), cancellationToken) : Task.CompletedTask);
        }
        catch (ProblemException)
        {
            // The database is away as well: the lease ends by itself in a few seconds.
        }
    }

    protected override async Task<bool> RoundAsync(CancellationToken cancellationToken)
    {
        if (database.Dialect.MayHaveNeighbours)
        {
            await database.WriteAsync(
                async sql =>
                {
                    await leases.TryHoldAsync(sql, Prefix + Me, Held, cancellationToken);
                    await sql.ExecuteAsync($"DELETE FROM leases WHERE name LIKE '{Prefix}%' AND until < {database.Dialect.Now} - @long", new { @long = (long)TimeSpan.FromHours(1).TotalMicroseconds }, cancellationToken);
                },
                cancellationToken);
        }

        return false;
    }
}

/// <summary>Listens to what the neighbours say, for as long as the connection lasts; then on another.</summary>
internal sealed class NeighbourListener(SqlDialect dialect, Neighbours neighbours, TimeProvider time, ILogger<NeighbourListener> log) : Loop(time, log)
{
    protected override async Task<bool> RoundAsync(CancellationToken cancellationToken)
    {
        try
        {
            await dialect.ListenAsync(neighbours.Hear, cancellationToken);
        }
        catch (DbException problem) when (dialect.Explain(problem) is { } explained)
        {
            throw explained;
        }

        return false;
    }
}
