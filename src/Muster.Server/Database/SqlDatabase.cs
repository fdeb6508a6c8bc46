using System.Data.Common;
using Muster.Core.Problems;

namespace Muster.Server.Database;

/// <summary>
/// The one door to the database: <see cref="ReadAsync{T}"/> for a consistent look, <see cref="WriteAsync{T}"/> for a change.
/// A write is one serializable transaction; when another was in the way it is run again here and nowhere else.
/// </summary>
internal sealed class SqlDatabase(SqlDialect dialect) : IAsyncDisposable
{
    private const int Attempts = 20;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);

    // Others are waited for in their time: a clock that a test holds still does not hold them.
    private static readonly TimeProvider Time = TimeProvider.System;

    // Writers queue here in order, instead of polling for SQLite's lock or waiting for a connection of PostgreSQL's.
    private readonly SemaphoreSlim writers = new(dialect.Writers, dialect.Writers);

    // Where one writes at a time its connection is kept: opening a file and telling the engine how costs more than a small write.
    private DbConnection? kept;

    public SqlDialect Dialect => dialect;

    public async Task<T> ReadAsync<T>(Func<ReadSql, Task<T>> body, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await dialect.OpenReadAsync(cancellationToken);
            await using var transaction = await dialect.BeginReadAsync(connection, cancellationToken);
            return await body(new ReadSql(dialect, connection, transaction));
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
        await writers.WaitAsync(cancellationToken);
        try
        {
            (sql, result) = await WriteWithRepeatAsync(body, cancellationToken);
        }
        finally
        {
            writers.Release();
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
        for (var one = 0; one < dialect.Writers; one++)
        {
            await writers.WaitAsync();
        }

        await CloseAsync(kept);
        writers.Dispose();
        if (dialect is IAsyncDisposable engine)
        {
            await engine.DisposeAsync();
        }
    }

    private async Task<(WriteSql Sql, T Result)> WriteWithRepeatAsync<T>(Func<WriteSql, Task<T>> body, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            DbConnection? connection = null;
            try
            {
                connection = Interlocked.Exchange(ref kept, null) ?? await dialect.OpenWriteAsync(cancellationToken);
                var done = await WriteOnceAsync(connection, body, cancellationToken);
                await GiveBackAsync(connection);
                return done;
            }
            catch (DbException problem)
            {
                // A connection that failed may be broken; the next one is fresh.
                await CloseAsync(connection);
                if (dialect.IsWorthRepeating(problem) && attempt < Attempts)
                {
                    // Two that are in each other's way shall not meet again at once.
                    await Task.Delay(FirstPause * ((1 << Math.Min(attempt, 7)) * Random.Shared.NextDouble()), Time, cancellationToken);
                    continue;
                }

                if (dialect.Explain(problem) is { } explained)
                {
                    throw explained;
                }

                throw;
            }
            catch
            {
                await GiveBackAsync(connection);
                throw;
            }
        }
    }

    private async Task<(WriteSql Sql, T Result)> WriteOnceAsync<T>(DbConnection connection, Func<WriteSql, Task<T>> body, CancellationToken cancellationToken)
    {
        await using var transaction = await dialect.BeginWriteAsync(connection, cancellationToken);
        var sql = new WriteSql(dialect, connection, transaction);
        var result = await body(sql);
        try
        {
            // Once asked for, the outcome is waited for, or a change would be made and told as cancelled.
            await transaction.CommitAsync(CancellationToken.None);
        }
        catch (DbException problem) when (!dialect.IsWorthRepeating(problem) && dialect.Explain(problem) is ProblemException { Kind: ProblemKind.Unavailable } lost)
        {
            throw new ProblemException(
                ProblemKind.Unavailable, "database.uncertain", $"{lost.Message}; whether the change was made is not known: ask again with the same Idempotency-Key, or look", problem);
        }

        return (sql, result);
    }

    private ValueTask GiveBackAsync(DbConnection? connection)
    {
        if (connection is not null && dialect.Writers == 1)
        {
            kept = connection;
            return ValueTask.CompletedTask;
        }

        return CloseAsync(connection);
    }

    private static ValueTask CloseAsync(DbConnection? connection) => connection?.DisposeAsync() ?? ValueTask.CompletedTask;
}
