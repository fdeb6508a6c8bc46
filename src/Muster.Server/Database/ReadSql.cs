using System.Data.Common;
using Dapper;

namespace Muster.Server.Database;

/// <summary>
/// One consistent look at the database. Stores take it as their first argument, so whoever holds only this cannot write:
/// planners do not compile with more, and the connection below it refuses writes at run time too.
/// </summary>
internal class ReadSql(SqlDialect dialect, DbConnection connection, DbTransaction transaction)
{
    /// <summary>All rows.</summary>
    public async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object? arguments, CancellationToken cancellationToken) =>
        (await connection.QueryAsync<T>(Command(sql, arguments, cancellationToken))).AsList();

    /// <summary>The only row, or null. More than one is a bug.</summary>
    public async Task<T?> FindAsync<T>(string sql, object? arguments, CancellationToken cancellationToken) =>
        await connection.QuerySingleOrDefaultAsync<T>(Command(sql, arguments, cancellationToken));

    /// <summary>The only row; none is a bug.</summary>
    public async Task<T> GetAsync<T>(string sql, object? arguments, CancellationToken cancellationToken) =>
        await connection.QuerySingleAsync<T>(Command(sql, arguments, cancellationToken));

    private protected DbConnection Connection => connection;

    private protected SqlDialect Dialect => dialect;

    private protected CommandDefinition Command(string sql, object? arguments, CancellationToken cancellationToken) =>
        new(dialect.Adapt(sql), arguments, transaction, cancellationToken: cancellationToken);
}
