using System.Data.Common;
using Muster.Server.Database.Copying;

namespace Muster.Server.Database;

/// <summary>
/// What differs between the engines. Everything else is one SQL (see the migrations): <c>ON CONFLICT</c>, <c>RETURNING</c>,
/// explicit <c>NULLS LAST</c>, parameters written <c>@name</c>.
/// </summary>
internal abstract class SqlDialect
{
    /// <summary>Where the database is, for people; without user and password.</summary>
    public abstract string Place { get; }

    /// <summary>The types that stand for <c>{uuid}</c>, <c>{bytes}</c> and <c>{text}</c> in migrations.</summary>
    public abstract IReadOnlyDictionary<string, string> Types { get; }

    /// <summary>How many transactions may write at once.</summary>
    public abstract int Writers { get; }

    /// <summary>A statement as this engine wants it.</summary>
    public virtual string Adapt(string sql) => sql;

    /// <summary>A connection that can only read.</summary>
    public abstract ValueTask<DbConnection> OpenReadAsync(CancellationToken cancellationToken);

    /// <summary>A connection that can write; given back by disposing it.</summary>
    public abstract ValueTask<DbConnection> OpenWriteAsync(CancellationToken cancellationToken);

    /// <summary>A transaction that sees one state of the database.</summary>
    public abstract ValueTask<DbTransaction> BeginReadAsync(DbConnection connection, CancellationToken cancellationToken);

    /// <summary>A serializable transaction that may write.</summary>
    public abstract ValueTask<DbTransaction> BeginWriteAsync(DbConnection connection, CancellationToken cancellationToken);

    /// <summary>True when the same transaction may succeed if it is run again (another one was in the way).</summary>
    public abstract bool IsWorthRepeating(DbException problem);

    /// <summary>The engine's failure in our words, or null where it is a bug of ours.</summary>
    public abstract Exception? Explain(DbException problem);

    /// <summary>A whole copy of the database as it is, taken before a migration; where it went. Null where backups are the operator's own.</summary>
    public abstract Task<string?> BackupAsync(string name, CancellationToken cancellationToken);

    /// <summary>The database's clock in microseconds since 1970, as an SQL expression.</summary>
    public abstract string Now { get; }

    /// <summary>A statement that keeps other servers from migrating at the same time, until the end of the transaction; null where there is one server.</summary>
    public virtual string? MigrationLock => null;

    /// <summary>Whether several servers may use the database at once.</summary>
    public virtual bool MayHaveNeighbours => false;

    /// <summary>A statement that tells all who listen <c>@said</c> when its transaction commits; null where nobody could.</summary>
    public virtual string? Tell => null;

    /// <summary>Calls <paramref name="heard"/> with all that is told, until it is cancelled or the connection breaks.</summary>
    public virtual Task ListenAsync(Action<string> heard, CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);

    /// <summary>SQL that lists every table except the engine's own, by name.</summary>
    public abstract string ListTables { get; }

    /// <summary>SQL that lists the same tables in the order in which they were made.</summary>
    public abstract string ListTablesAsMade { get; }

    /// <summary>SQL that describes each column of the table <c>@table</c> in order, as <see cref="ColumnShape"/> has it.</summary>
    public abstract string ListColumns { get; }

    /// <summary>Adds rows, as many as come. A UUID comes as its text.</summary>
    public abstract Task InsertAsync(DbConnection connection, DbTransaction transaction, TableShape table, IAsyncEnumerable<object?[]> rows, CancellationToken cancellationToken);

    /// <summary>
    /// Says that the database is used, until the result is disposed or this process ends: by a server, which others may be beside, or by
    /// one program alone. Null where that cannot be because of others.
    /// </summary>
    public abstract ValueTask<IAsyncDisposable?> TryUseAsync(bool alone, CancellationToken cancellationToken);
}
