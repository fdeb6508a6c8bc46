using Muster.Core.Problems;
using Muster.Server.Database;

namespace Muster.Server.Objects;

/// <summary>
/// Remembers in the database which store has the objects. A server that looked in another would find all of them gone, and say so to
/// everybody.
/// </summary>
internal sealed class ObjectStorePlace(SqlDatabase database)
{
    /// <summary>Where they are; null where there are none yet and any place will do.</summary>
    public Task<string?> FindAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(
            async sql =>
            {
                var known = await sql.FindAsync<string>("SELECT place FROM object_store", null, cancellationToken);

                // Before there was a choice they were in the folder.
                return known ?? (await sql.GetAsync<bool>("SELECT EXISTS (SELECT 1 FROM objects)", null, cancellationToken) ? FolderObjectStore.FolderPlace : null);
            },
            cancellationToken);

    public static Task SetAsync(WriteSql sql, string place, CancellationToken cancellationToken) =>
        sql.ExecuteAsync("INSERT INTO object_store (\"only\", place) VALUES (1, @place) ON CONFLICT (\"only\") DO UPDATE SET place = excluded.place", new { place }, cancellationToken);

    /// <summary>The installation's id, which a store that others could use too is marked with.</summary>
    public Task<string> InstallationAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(async sql => (await sql.GetAsync<InstallationId>("SELECT installation FROM installation", null, cancellationToken)).ToString(), cancellationToken);

    /// <exception cref="ProblemException"><c>objects.elsewhere</c>: they are in another store than this; or why it cannot be used.</exception>
    public async Task RequireAsync(IObjectStore store, CancellationToken cancellationToken)
    {
        var known = await FindAsync(cancellationToken);
        if (known is not null && known != store.Place)
        {
            throw new ProblemException(
                ProblemKind.Conflict,
                "objects.elsewhere",
                $"the objects of this installation are in '{known}', and the settings say '{store.Place}': correct Objects:Store (and S3), or move them with muster server move-objects");
        }

        await store.ClaimAsync(await InstallationAsync(cancellationToken), fresh: known is null, cancellationToken);
        await database.WriteAsync(sql => SetAsync(sql, store.Place, cancellationToken), cancellationToken);
    }
}

/// <summary>A server that cannot have its objects does not start.</summary>
internal sealed class ObjectStoreStart(IObjectStore store, ObjectStorePlace place) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => place.RequireAsync(store, cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
