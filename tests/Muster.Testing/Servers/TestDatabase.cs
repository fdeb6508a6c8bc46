using Npgsql;

namespace Muster.Testing;

/// <summary>
/// The engine that test servers keep their data in: SQLite, or where <c>MUSTER_TEST_DATABASE</c> names a file with the connection string
/// of a PostgreSQL, a schema of its own there for each. <c>./dev test</c> runs the tests on both.
/// </summary>
public static class TestDatabase
{
    public const string Variable = "MUSTER_TEST_DATABASE";

    public static bool IsPostgres => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 };

    /// <summary>The file with the connection string of an installation's database, made where there is none yet; null for SQLite.</summary>
    public static async Task<string?> EnsureAsync(string dataDirectory, CancellationToken cancellationToken)
    {
        if (!IsPostgres)
        {
            return null;
        }

        var file = Path.Combine(dataDirectory, "database");
        if (!File.Exists(file))
        {
            Directory.CreateDirectory(dataDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var given = new NpgsqlConnectionStringBuilder(await GetAsync(cancellationToken)) { SearchPath = $"t{Guid.NewGuid():N}" };
            await RunAsync($"CREATE SCHEMA {given.SearchPath}", cancellationToken);
            ConnectionFiles.Write(file, given.ConnectionString);
        }

        return file;
    }

    /// <summary>Removes what <see cref="EnsureAsync"/> made.</summary>
    public static async Task RemoveAsync(string dataDirectory)
    {
        // A test may have removed its folder itself; the schema then stays until the whole database server goes.
        var file = Path.Combine(dataDirectory, "database");
        if (IsPostgres && File.Exists(file))
        {
            var given = new NpgsqlConnectionStringBuilder(await File.ReadAllTextAsync(file));
            await RunAsync($"DROP SCHEMA {given.SearchPath} CASCADE", CancellationToken.None);
        }
    }

    private static Task<string> GetAsync(CancellationToken cancellationToken) => File.ReadAllTextAsync(Environment.GetEnvironmentVariable(Variable)!, cancellationToken);

    // A schema's name cannot be a parameter; ours is hexadecimal.
    private static async Task RunAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(await GetAsync(cancellationToken));
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
