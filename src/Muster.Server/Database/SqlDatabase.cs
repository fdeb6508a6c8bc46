using System.Data.Common;
using Muster.Core.Problems;

namespace Muster.Server.Database;

/// <summary>
/// The one door to the database: <see cref="ReadAsync{T}"/> for a consistent look, <see cref="WriteAsync{T}"/> for a change.
/// A write is one serializable transaction; when another was in the way it is run again here and nowhere else.
/// </summary>
internal sealed class SqlDatabase(SqlDialect dialect) : IAsyncDisposable
{
    private const int Attempts = 5;

    // Writers queue here in order, instead of polling for SQLite's lock.
    private readonly SemaphoreSlim writer = new(1, 1);
    private DbConnection? writing;

    public SqlDialect Dialect => dialect;

    public async Task<T> ReadAsync<T>(Func<ReadSql, Task<T>> body, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await dialect.OpenReadAsync(cancellationToken);
            await using var transaction = await dialect.BeginReadAsync(connection, cancellationToken);
            return await body(new ReadSql(connection, transaction));
        }
        catch (DbException problem) when (dialect.Explain(problem) is { } explained)
        {
            throw explained;
        }
    }

    public async Task<T> WriteAsync<T>(Func<WriteSql, Task<T>> body, CancellationToken cancellationToken)
    {
        WriteSql sql;
        T result;
        await writer.WaitAsync(cancellationToken);
        try
        {
            (sql, result) = await WriteWithRepeatAsync(body, cancellationToken);
        }
        finally
        {
            writer.Release();
        }

        sql.Committed();
        return result;
    }

    public Task WriteAsync(Func<WriteSql, Task> body, CancellationToken cancellationToken) =>
        WriteAsync<object?>(
            async sql =>
            {
                await body(sql);
                return null;
            },
            cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await writer.WaitAsync();
        if (writing is not null)
        {
            await writing.DisposeAsync();
        }

        writer.Dispose();
    }

    private async Task<(WriteSql Sql, T Result)> WriteWithRepeatAsync<T>(Func<WriteSql, Task<T>> body, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var connection = writing ??= await dialect.OpenWriteAsync(cancellationToken);
                await using var transaction = await dialect.BeginWriteAsync(connection, cancellationToken);
                var sql = new WriteSql(connection, transaction);
                var result = await body(sql);
                await transaction.CommitAsync(cancellationToken);
                return (sql, result);
            }
            catch (DbException problem)
            {
                // A connection that failed may be broken; the next one is fresh.
                await CloseWriterAsync();
                if (dialect.IsWorthRepeating(problem) && attempt < Attempts)
                {
                    continue;
                }

                if (dialect.Explain(problem) is { } explained)
                {
                    throw explained;
                }

                throw;
            }
        }
    }

    private async Task CloseWriterAsync()
    {
        if (writing is { } broken)
        {
            writing = null;
            await broken.DisposeAsync();
        }
    }
}
