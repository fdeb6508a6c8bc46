using System.Collections.Concurrent;
using System.Data;
using System.Data.Common;
using System.Text.RegularExpressions;
using Muster.Core.Problems;
using Muster.Server.Database.Copying;
using Npgsql;
using NpgsqlTypes;

namespace Muster.Server.Database;

/// <summary>
/// PostgreSQL 15 or newer. Any number of servers write at once; serializable transactions keep them apart. With several hosts in the
/// connection string the one that takes writes is used, so a standby that takes over is found by itself.
/// </summary>
internal sealed partial class PostgresDialect : SqlDialect, IAsyncDisposable
{
    // PostgreSQL takes 100 connections where nobody set another number: two servers and an operator's tools find room.
    private const int Readers = 24;
    private const int Spare = 2;

    // More at once would only be in each other's way: serializable transactions on small tables conflict often.
    private const int AtOnce = 4;

    private readonly NpgsqlDataSource reading;
    private readonly NpgsqlDataSource writing;
    private readonly NpgsqlDataSource lasting;
    private readonly ConcurrentDictionary<string, string> adapted = new();

    static PostgresDialect() => SqlValues.Register();

    /// <param name="connectionString">As Npgsql has it: <c>Host=…;Username=…;Password=…;Database=…</c>.</param>
    /// <exception cref="ProblemException">It cannot be read.</exception>
    public PostgresDialect(string connectionString)
    {
        var common = Parse(connectionString);
        Place = $"{common.Host}/{common.Database}";
        writing = Build(common, AtOnce + Spare, isReadOnly: false);
        reading = Build(common, Readers, isReadOnly: true);

        // Held as long as the server runs, and what it holds goes with it at once; the other end is asked now and then whether it is there.
        lasting = Build(new(common.ConnectionString) { Pooling = false, KeepAlive = 20 }, AtOnce, isReadOnly: false);
    }

    public override IReadOnlyDictionary<string, string> Types { get; } =
        new Dictionary<string, string> { ["uuid"] = "uuid", ["bytes"] = "bytea", ["text"] = "text COLLATE \"C\"" };

    public override string Place { get; }

    public override int Writers => AtOnce;

    public override string Now => "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)";

    public override string ListTables => "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY table_name";

    public override bool MayHaveNeighbours => true;

    public override string Tell => "SELECT pg_notify('muster', @said)";

    // In creation order: an object's number grows.
    public override string ListTablesAsMade => "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace ORDER BY oid";

    public override string ListColumns =>
        """
        SELECT a.attname::text AS Name, t.typname::text AS Type, coalesce(array_position(i.indkey::smallint[], a.attnum) + 1, 0)::bigint AS Key
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
        WHERE a.attrelid = format('%I.%I', current_schema(), @table)::regclass AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY a.attnum
        """;

    public override string MigrationLock => "SELECT pg_advisory_xact_lock(781420013, hashtext(current_schema()))";

    public override async ValueTask<DbConnection> OpenReadAsync(CancellationToken cancellationToken) => await reading.OpenConnectionAsync(cancellationToken);

    public override async ValueTask<DbConnection> OpenWriteAsync(CancellationToken cancellationToken) => await writing.OpenConnectionAsync(cancellationToken);

    public override ValueTask<DbTransaction> BeginReadAsync(DbConnection connection, CancellationToken cancellationToken) =>
        connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);

    public override ValueTask<DbTransaction> BeginWriteAsync(DbConnection connection, CancellationToken cancellationToken) =>
        connection.BeginTransactionAsync(IsolationLevel.Serializable, cancellationToken);

    public override async Task InsertAsync(DbConnection connection, DbTransaction transaction, TableShape table, IAsyncEnumerable<object?[]> rows, CancellationToken cancellationToken)
    {
        await using var import = await ((NpgsqlConnection)connection).BeginBinaryImportAsync($"COPY {table.Into} FROM STDIN (FORMAT BINARY)", cancellationToken);
        import.Timeout = Timeout.InfiniteTimeSpan;
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            await import.StartRowAsync(cancellationToken);
            for (var place = 0; place < row.Length; place++)
            {
                await (row[place] switch
                {
                    null => import.WriteNullAsync(cancellationToken),
                    string id when table.Columns[place].Type == "uuid" => import.WriteAsync(Guid.Parse(id), NpgsqlDbType.Uuid, cancellationToken),
                    string text => import.WriteAsync(text, NpgsqlDbType.Text, cancellationToken),
                    long number => import.WriteAsync(number, NpgsqlDbType.Bigint, cancellationToken),
                    byte[] bytes => import.WriteAsync(bytes, NpgsqlDbType.Bytea, cancellationToken),
                    var other => throw new InvalidOperationException($"a column of {table.Name} holds a {other.GetType().Name}, which no table of ours has"),
                });
            }
        }

        await import.CompleteAsync(cancellationToken);
    }

    // It also says that the database is used, in case the connection that said it at the start is gone.
    public override async Task ListenAsync(Action<string> heard, CancellationToken cancellationToken)
    {
        if (await TryUseAsync(alone: false, cancellationToken) is not NpgsqlConnection connection)
        {
            throw new ProblemException(ProblemKind.Unavailable, "database.in-copy", $"the database {Place} is being copied by migrate-database while this server runs: stop this server, and start it on the database that is to be used");
        }

        await using (connection)
        {
            connection.Notification += (_, told) => heard(told.Payload);
            await using var listen = new NpgsqlCommand("LISTEN muster", connection);
            await listen.ExecuteNonQueryAsync(cancellationToken);
            while (true)
            {
                await connection.WaitAsync(cancellationToken);
            }
        }
    }

    public override async ValueTask<IAsyncDisposable?> TryUseAsync(bool alone, CancellationToken cancellationToken)
    {
        var connection = await lasting.OpenConnectionAsync(cancellationToken);
        try
        {
            // It goes with the connection.
            await using var command = connection.CreateCommand();
            command.CommandText = alone ? "SELECT pg_try_advisory_lock(781420014, hashtext(current_schema()))" : "SELECT pg_try_advisory_lock_shared(781420014, hashtext(current_schema()))";
            if (await command.ExecuteScalarAsync(cancellationToken) is true)
            {
                return connection;
            }
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        await connection.DisposeAsync();
        return null;
    }

    /// <summary>An array is one parameter here: <c>IN @list</c>, which Dapper spells out for SQLite, becomes <c>= ANY(@list)</c>.</summary>
    public override string Adapt(string sql) => adapted.GetOrAdd(sql, static text => InList().Replace(text, "= ANY(@$1)"));

    // A name that was taken between look and insert is told by its index; looking again finds it.
    public override bool IsWorthRepeating(DbException problem) =>
        problem is PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.UniqueViolation };

    public override Exception? Explain(DbException problem) => (problem as PostgresException)?.SqlState switch
    {
        PostgresErrorCodes.DiskFull => new ProblemException(ProblemKind.Full, "database.full", $"no room left for the database {Place}; nothing was changed", problem),
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => new ProblemException(ProblemKind.Unavailable, "database.login", $"the database {Place} refuses the login: {problem.Message}", problem),
        PostgresErrorCodes.InvalidCatalogName => new ProblemException(ProblemKind.Unavailable, "database.open", $"the database {Place} does not exist: create it, owned by the user in the connection string", problem),
        PostgresErrorCodes.ReadOnlySqlTransaction => new ProblemException(ProblemKind.Unavailable, "database.standby", $"the database {Place} takes no writes: a standby answered, and no other host does", problem),
        PostgresErrorCodes.InsufficientPrivilege => new ProblemException(ProblemKind.Unavailable, "database.denied", $"the user of the database {Place} may not do what is needed: {problem.Message}; make it the owner of the database or of its schema", problem),
        PostgresErrorCodes.InvalidSchemaName => new ProblemException(ProblemKind.Unavailable, "database.schema", $"the schema named in the connection string does not exist in the database {Place}: create it, owned by the user there", problem),
        PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter => new ProblemException(ProblemKind.Invalid, "text.unstorable", "a text has a character that cannot be stored (NUL)", problem),
        PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected => new ProblemException(ProblemKind.Unavailable, "database.busy", $"others kept changing the same in the database {Place}; nothing was changed", problem),
        PostgresErrorCodes.TooManyConnections => new ProblemException(ProblemKind.Unavailable, "database.connections", $"the database {Place} takes no more connections", problem),
        PostgresErrorCodes.QueryCanceled => new ProblemException(ProblemKind.Unavailable, "database.slow", $"the database {Place} took too long; nothing was changed", problem),
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow => Unreachable(problem),
        null when problem is NpgsqlException and not NpgsqlOperationInProgressException => Unreachable(problem),
        _ => null,
    };

    /// <summary>Copies of a PostgreSQL database are the operator's: <c>pg_dump</c>, or whatever their fleet of databases is backed up with.</summary>
    public override Task<string?> BackupAsync(string name, CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    public async ValueTask DisposeAsync()
    {
        await reading.DisposeAsync();
        await writing.DisposeAsync();
        await lasting.DisposeAsync();
    }

    private ProblemException Unreachable(DbException problem) =>
        new(ProblemKind.Unavailable, "database.unreachable", $"the database {Place} does not answer: {Reason(problem)}", problem);

    // Of several hosts each has its own; the outer words only say that there were some.
    private static string Reason(Exception problem) => problem switch
    {
        AggregateException several => string.Join("; ", several.InnerExceptions.Select(Reason).Distinct()),
        { InnerException: AggregateException several } => Reason(several),
        { InnerException: { } cause } when !problem.Message.Contains(cause.Message, StringComparison.Ordinal) => $"{problem.Message} ({Reason(cause)})",
        _ => problem.Message,
    };

    private static NpgsqlConnectionStringBuilder Parse(string connectionString)
    {
        try
        {
            var given = new NpgsqlConnectionStringBuilder(connectionString);
            if (!string.IsNullOrEmpty(given.Host) && !string.IsNullOrEmpty(given.Database))
            {
                return given;
            }
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            // Told below, without the text and without the parser's words: a password that was not quoted would be in both.
        }

        throw new ProblemException(
            ProblemKind.Invalid,
            "database.connection-string",
            "the database's connection string cannot be read: it is one line, Host=…;Username=…;Password=…;Database=…, and a value with ; or = in it stands in quotation marks");
    }

    private static NpgsqlDataSource Build(NpgsqlConnectionStringBuilder common, int most, bool isReadOnly)
    {
        var own = new NpgsqlConnectionStringBuilder(common.ConnectionString) { MaxPoolSize = most, ApplicationName = "muster-server", IncludeErrorDetail = false };
        if (isReadOnly)
        {
            own.Options = $"{common.Options} -c default_transaction_read_only=on".Trim();
        }

        if (!own.Host!.Contains(',', StringComparison.Ordinal))
        {
            return new NpgsqlDataSourceBuilder(own.ConnectionString).Build();
        }

        // Also reads go to the one that takes writes: what was just answered shall be seen by the next question. One that was away is
        // asked again after a second, and not after the usual ten.
        own.HostRecheckSeconds = 1;
        return new NpgsqlDataSourceBuilder(own.ConnectionString).BuildMultiHost().WithTargetSession(TargetSessionAttributes.Primary);
    }

    [GeneratedRegex(@"\bIN @(\w+)")]
    private static partial Regex InList();
}
