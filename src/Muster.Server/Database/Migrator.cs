using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Muster.Core.Problems;

namespace Muster.Server.Database;

/// <summary>
/// Brings the database forward by the numbered SQL files in this folder, each in a transaction of its own, and remembers what it ran.
/// It never goes back: a database that knows a newer migration, or another text of an old one, is refused.
/// </summary>
internal static partial class Migrator
{
    /// <summary>The table that remembers what was run.</summary>
    public const string Table =
        "CREATE TABLE IF NOT EXISTS migrations (number bigint NOT NULL PRIMARY KEY, name {text} NOT NULL, checksum {text} NOT NULL, applied bigint NOT NULL)";

    public static IReadOnlyList<Migration> Embedded { get; } = ReadEmbedded();

    public static async Task MigrateAsync(SqlDatabase database, IReadOnlyList<Migration> migrations, TimeProvider time, CancellationToken cancellationToken)
    {
        await database.WriteAsync(
            sql => LockedAsync(sql, database.Dialect, () => sql.ExecuteAsync(Translate(Table, database.Dialect), null, cancellationToken), cancellationToken),
            cancellationToken);
        await BackUpAsync(database, migrations, cancellationToken);
        foreach (var migration in migrations)
        {
            await database.WriteAsync(sql => LockedAsync(sql, database.Dialect, () => ApplyAsync(sql, migration, database.Dialect, time.GetUtcNow(), cancellationToken), cancellationToken), cancellationToken);
        }

        var newest = await database.ReadAsync(sql => sql.GetAsync<long>("SELECT coalesce(max(number), 0) FROM migrations", null, cancellationToken), cancellationToken);
        if (newest > migrations[^1].Number)
        {
            throw new ProblemException(
                ProblemKind.Conflict,
                "database.newer",
                $"the database is at migration {newest}, this server knows {migrations[^1].Number}: it was used by a newer release, and the database only goes forward");
        }
    }

    /// <summary>Fills in the engine's names of <c>{uuid}</c>, <c>{bytes}</c> and <c>{text}</c>.</summary>
    public static string Translate(string sql, SqlDialect dialect) =>
        Placeholder().Replace(
            sql,
            match => dialect.Types.TryGetValue(match.Groups[1].Value, out var type)
                ? type
                : throw new InvalidOperationException($"a migration uses {match.Value}, which no engine fills in"));

    // The database only goes forward, so before it does there is a copy to go back to.
    private static async Task BackUpAsync(SqlDatabase database, IReadOnlyList<Migration> migrations, CancellationToken cancellationToken)
    {
        var newest = await database.ReadAsync(sql => sql.GetAsync<long>("SELECT coalesce(max(number), 0) FROM migrations", null, cancellationToken), cancellationToken);
        if (newest > 0 && migrations.FirstOrDefault(one => one.Number > newest) is { } next)
        {
            // Named by the first that is to run: should a later one fail, the next start copies what that one left under another name.
            await database.Dialect.BackupAsync(string.Create(CultureInfo.InvariantCulture, $"before-{next.Number:0000}"), cancellationToken);
        }
    }

    // Several servers may start at once.
    private static async Task<T> LockedAsync<T>(WriteSql sql, SqlDialect dialect, Func<Task<T>> body, CancellationToken cancellationToken)
    {
        if (dialect.MigrationLock is { } locking)
        {
            await sql.ExecuteAsync(locking, null, cancellationToken);
        }

        return await body();
    }

    private static async Task<bool> ApplyAsync(WriteSql sql, Migration migration, SqlDialect dialect, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var applied = await sql.FindAsync<string>("SELECT checksum FROM migrations WHERE number = @Number", migration, cancellationToken);
        if (applied == migration.Checksum)
        {
            return false;
        }

        if (applied is not null)
        {
            throw new ProblemException(
                ProblemKind.Conflict,
                "database.migration-changed",
                $"migration {migration.Number} ({migration.Name}) was applied with another text than this server has");
        }

        await sql.ExecuteAsync(Translate(migration.Sql, dialect), null, cancellationToken);
        await sql.ExecuteAsync(
            "INSERT INTO migrations (number, name, checksum, applied) VALUES (@Number, @Name, @Checksum, @Applied)",
            new { migration.Number, migration.Name, migration.Checksum, Applied = now },
            cancellationToken);
        return true;
    }

    private static List<Migration> ReadEmbedded()
    {
        const string prefix = "Migrations/";
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!, Encoding.UTF8);
                var file = Path.GetFileNameWithoutExtension(name[prefix.Length..]);
                return new Migration(long.Parse(file[..4], CultureInfo.InvariantCulture), file[5..], reader.ReadToEnd());
            })];
    }

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Placeholder();
}

/// <summary>One numbered step of the schema.</summary>
internal sealed record Migration(long Number, string Name, string Sql)
{
    public string Checksum { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql)));
}
