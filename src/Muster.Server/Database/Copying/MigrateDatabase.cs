using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using Muster.Core.Problems;
using Muster.Files;

namespace Muster.Server.Database.Copying;

/// <summary><c>muster server migrate-database --to FILE</c>: takes an installation's database to the other engine.</summary>
internal static class MigrateDatabase
{
    private const string SqliteEnding = ".db";
    private const string Unfinished = ".unfinished";

    /// <param name="options">Say which database it is now.</param>
    /// <param name="to">A file with a connection string; or, with a name that ends with <c>.db</c>, an SQLite database that is not there yet.</param>
    public static async Task<int> RunAsync(ServerOptions options, string to, CancellationToken cancellationToken)
    {
        var toSqlite = to.EndsWith(SqliteEnding, StringComparison.Ordinal);
        var from = options.DatabaseConnectionFile is null ? options.DatabaseFile : null;
        if (from is not null && !File.Exists(from))
        {
            throw new ProblemException(ProblemKind.NotFound, "database.no-installation", $"there is no database {from}; name the installation's folder with --data");
        }

        var clock = Stopwatch.StartNew();
        var source = DatabaseFeature.Open(options);
        var copied = toSqlite
            ? await ToSqliteAsync(source, to, cancellationToken)
            : await CopyAsync(source, new PostgresDialect(ConnectionFile.Read(to)), cancellationToken);
        await Console.Out.WriteAsync(Told(options, source, to, toSqlite, copied, clock.Elapsed));
        return 0;
    }

    // It has its name only when it is whole: a server that finds half a database would make a new installation in it.
    private static async Task<IReadOnlyList<CopiedTable>> ToSqliteAsync(SqlDialect source, string to, CancellationToken cancellationToken)
    {
        var final = new SqliteDialect(to);
        await using var alone = await DatabaseUse.TakeAloneAsync(final, cancellationToken);
        if (File.Exists(to))
        {
            throw new ProblemException(ProblemKind.Conflict, "database.not-empty", $"{to} is there already; nothing was changed: move it away, or name another file");
        }

        var unfinished = to + Unfinished;
        foreach (var old in new[] { unfinished, unfinished + "-wal", unfinished + "-shm", unfinished + ".lock" })
        {
            File.Delete(old);
        }

        var copied = await CopyAsync(source, new SqliteDialect(unfinished), cancellationToken);

        // With its last connection the log beside it goes too.
        SqliteConnection.ClearAllPools();
        File.Delete(unfinished + ".lock");
        File.Move(unfinished, to, overwrite: false);
        using var folder = Linux.OpenRoot(Path.GetDirectoryName(to)!);
        Linux.Flush(folder);
        return copied;
    }

    private static async Task<IReadOnlyList<CopiedTable>> CopyAsync(SqlDialect source, SqlDialect target, CancellationToken cancellationToken)
    {
        await using var first = source as IAsyncDisposable;
        await using var second = target as IAsyncDisposable;
        await using var sourceAlone = await DatabaseUse.TakeAloneAsync(source, cancellationToken);
        await using var targetAlone = await DatabaseUse.TakeAloneAsync(target, cancellationToken);
        return await DatabaseCopy.RunAsync(source, target, cancellationToken);
    }

    private static string Told(ServerOptions options, SqlDialect source, string to, bool toSqlite, IReadOnlyList<CopiedTable> copied, TimeSpan took)
    {
        var text = new StringBuilder();
        foreach (var table in copied)
        {
            text.Append(CultureInfo.InvariantCulture, $"{table.Name,-24} {table.Rows,12:N0} rows  {table.Digest}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"""

            Copied {copied.Count} tables with {copied.Sum(table => table.Rows):N0} rows from {source.Place} in {took.TotalSeconds:F1} s. Each was read back and is the same.

            What to do next:
              1. Start the server {(toSqlite ? $"without --database-file; it looks for {options.DatabaseFile}" : $"with --database-file {to}")}, and with --data {options.DataDirectory} as before.
                 Objects, settings and the key {Path.Combine(options.DataDirectory, "secrets", "kek")} stay in that folder; without that key the database's secrets cannot be read.
              2. When all is well, take {source.Place} away. It is as it was, and a server started on it by mistake would go on from there.

            """);
        return text.ToString();
    }
}
