using Muster.Testing;

namespace Muster.Dev;

/// <summary>The PostgreSQL of <c>./dev up --database postgres</c>, beside the installation that keeps its data in it.</summary>
internal sealed class LocalDatabase : IAsyncDisposable
{
    private readonly PostgresServer postgres;

    private LocalDatabase(PostgresServer postgres, string file)
    {
        this.postgres = postgres;
        File = file;
    }

    /// <summary>Holds its connection string.</summary>
    public string File { get; }

    /// <summary>Null for SQLite. Without <paramref name="engine"/> it goes on with what <paramref name="data"/> was made on.</summary>
    public static async Task<LocalDatabase?> StartAsync(string data, string? engine, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(data, "postgres");
        var isMade = Directory.Exists(LocalInstallation.FolderIn(data));
        if (engine is not (null or "postgres" or "sqlite"))
        {
            throw new DevException($"--database takes postgres or sqlite, not {engine}");
        }

        if (isMade && engine is not null && (engine == "postgres") != Directory.Exists(folder))
        {
            throw new DevException($"{data} was made on another database; leave --database out to go on with it, or name another folder with --data");
        }

        // What was begun and never completed is begun anew, its database too: no key opens it any more.
        if (!isMade && Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        if (engine != "postgres" && !Directory.Exists(folder))
        {
            return null;
        }

        var postgres = await PostgresServer.StartAsync(folder, cancellationToken);
        var file = Path.Combine(data, "database");
        ConnectionFiles.Write(file, postgres.ConnectionString);
        return new(postgres, file);
    }

    public ValueTask DisposeAsync() => postgres.DisposeAsync();
}
