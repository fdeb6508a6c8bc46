using System.Data.Common;
using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using Muster.Core.Problems;
using Muster.Server.Database.Copying;

namespace Muster.Server.Database;

/// <summary>SQLite in one file beside its write-ahead log. One connection writes, any number read.</summary>
internal sealed class SqliteDialect : SqlDialect
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;
    private const int WouldBlock = 11;

    private readonly string path;
    private readonly string readString;
    private readonly string writeString;

    static SqliteDialect()
    {
        // The library bundled with the package is old; the system's is patched by the distribution.
        NativeLibrary.SetDllImportResolver(typeof(SQLitePCL.SQLite3Provider_e_sqlite3).Assembly, LoadSystemLibrary);
        SQLitePCL.raw.SetProvider(new SQLitePCL.SQLite3Provider_e_sqlite3());
        SqlValues.Register();
    }

    public SqliteDialect(string path)
    {
        this.path = path;
        var common = new SqliteConnectionStringBuilder { DataSource = path, ForeignKeys = true, DefaultTimeout = 30 };
        common.Mode = SqliteOpenMode.ReadOnly;
        readString = common.ToString();
        common.Mode = SqliteOpenMode.ReadWriteCreate;
        writeString = common.ToString();
    }

    public override IReadOnlyDictionary<string, string> Types { get; } =
        new Dictionary<string, string> { ["uuid"] = "TEXT", ["bytes"] = "BLOB", ["text"] = "TEXT" };

    public override string Place => path;

    public override int Writers => 1;

    public override string Now => "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)";

    public override string ListTables => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";

    public override string ListTablesAsMade => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid";

    public override string ListColumns => "SELECT name AS Name, type AS Type, pk AS Key FROM pragma_table_info(@table) ORDER BY cid";

    public override ValueTask<DbConnection> OpenReadAsync(CancellationToken cancellationToken) => OpenAsync(readString, null, cancellationToken);

    // A commit is on the disk before it is answered: nothing acknowledged is lost when power fails.
    public override ValueTask<DbConnection> OpenWriteAsync(CancellationToken cancellationToken) =>
        OpenAsync(writeString, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;", cancellationToken);

    public override ValueTask<DbTransaction> BeginReadAsync(DbConnection connection, CancellationToken cancellationToken) =>
        new(((SqliteConnection)connection).BeginTransaction(deferred: true));

    public override ValueTask<DbTransaction> BeginWriteAsync(DbConnection connection, CancellationToken cancellationToken) =>
        new(((SqliteConnection)connection).BeginTransaction(deferred: false));

    public override async Task InsertAsync(DbConnection connection, DbTransaction transaction, TableShape table, IAsyncEnumerable<object?[]> rows, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = $"INSERT INTO {table.Into} VALUES ({string.Join(", ", table.Columns.Select((_, place) => $"@p{place}"))})";
        command.Parameters.AddRange(table.Columns.Select((_, place) => new SqliteParameter($"@p{place}", null)).ToArray());
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            for (var place = 0; place < row.Length; place++)
            {
                command.Parameters[place].Value = row[place] ?? DBNull.Value;
            }

            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    // A file beside the database: whoever opens and closes the database's own takes its locks from SQLite.
    public override ValueTask<IAsyncDisposable?> TryUseAsync(bool alone, CancellationToken cancellationToken)
    {
        try
        {
            return new(new FileStream(path + ".lock", new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = alone ? FileAccess.ReadWrite : FileAccess.Read,
                Share = alone ? FileShare.None : FileShare.Read,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }));
        }
        catch (IOException e) when (e.HResult == WouldBlock)
        {
            return new((IAsyncDisposable?)null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(ProblemKind.Unavailable, "database.open", $"cannot open {path}.lock: {e.Message}", e);
        }
    }

    public override async Task<string?> BackupAsync(string name, CancellationToken cancellationToken)
    {
        // Copied beside its place first, so that a file of this name is always whole.
        var target = $"{path}.{name}";
        File.Delete(target + ".partial");
        await using (var connection = await OpenAsync(writeString, null, cancellationToken))
        await using (var command = connection.CreateCommand())
        {
            command.CommandText = "VACUUM INTO @target";
            command.Parameters.Add(new SqliteParameter("@target", target + ".partial"));
            try
            {
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
            catch (SqliteException e) when (Explain(e) is { } explained)
            {
                throw explained;
            }
        }

        File.Move(target + ".partial", target, overwrite: true);
        return target;
    }

    public override bool IsWorthRepeating(DbException problem) => problem is SqliteException { SqliteErrorCode: Busy or Locked };

    public override Exception? Explain(DbException problem) => (problem as SqliteException)?.SqliteErrorCode switch
    {
        Full => new ProblemException(ProblemKind.Full, "database.full", $"no room left for the database {path}; nothing was changed", problem),
        InputOutput => new ProblemException(ProblemKind.Unavailable, "database.disk", $"the disk under the database {path} fails: {problem.Message}", problem),
        Busy or Locked => new ProblemException(ProblemKind.Unavailable, "database.busy", $"another program holds the database {path}", problem),
        ReadOnly or CannotOpen => new ProblemException(ProblemKind.Unavailable, "database.open", $"cannot open the database {path} for writing: {problem.Message}", problem),
        Corrupt or NotADatabase => new ProblemException(ProblemKind.Bug, "database.corrupt", $"the database {path} is damaged: {problem.Message}", problem),
        _ => null,
    };

    // As PostgreSQL has it: where the part begins in the text, from 1; 0 where it is not in it.
    private static long? FindPart(string? text, string? part) =>
        text is null || part is null ? null : text.IndexOf(part, StringComparison.Ordinal) + 1;

    private static async ValueTask<DbConnection> OpenAsync(string connectionString, string? setup, CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            connection.CreateFunction<string?, string?, long?>("strpos", FindPart, isDeterministic: true);
            if (setup is not null)
            {
                await using var command = connection.CreateCommand();
                command.CommandText = setup;
                await command.ExecuteNonQueryAsync(cancellationToken);
            }

            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static nint LoadSystemLibrary(string name, Assembly assembly, DllImportSearchPath? search)
    {
        if (name != "e_sqlite3")
        {
            return 0;
        }

        return NativeLibrary.TryLoad("libsqlite3.so.0", out var library)
            ? library
            : throw new ProblemException(ProblemKind.Unavailable, "database.library", "libsqlite3.so.0 is missing: install the package libsqlite3-0");
    }
}
