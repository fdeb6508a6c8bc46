using System.Data.Common;
using System.Runtime.CompilerServices;
using Dapper;
using Muster.Core.Problems;

namespace Muster.Server.Database.Copying;

/// <summary>
/// Copies all that one database holds to an empty one, whichever engines they are. The source is only read. On the target everything
/// is one transaction, which commits when each table there has been read back and is the same.
/// </summary>
internal static class DatabaseCopy
{
    /// <summary>Each table with what it holds now on both sides.</summary>
    /// <exception cref="ProblemException">Nothing was changed: somebody uses one of the two, the target is not empty, or the source is of another release.</exception>
    public static async Task<IReadOnlyList<CopiedTable>> RunAsync(SqlDialect source, SqlDialect target, CancellationToken cancellationToken)
    {
        try
        {
            await using var reading = await source.OpenReadAsync(cancellationToken);
            await using var seen = await source.BeginReadAsync(reading, cancellationToken);
            await RequireThisReleaseAsync(source, reading, seen, cancellationToken);
            var wanted = await ListAsync(source, source.ListTablesAsMade, reading, seen);
            return await WriteAsync(target, wanted, (shape, sum) => ReadAsync(source, reading, seen, shape, sum, cancellationToken), cancellationToken);
        }
        catch (DbException problem) when ((source.Explain(problem) ?? target.Explain(problem)) is { } explained)
        {
            throw explained;
        }
    }

    private static async Task<IReadOnlyList<CopiedTable>> WriteAsync(
        SqlDialect target, IReadOnlyList<string> wanted, Func<TableShape, ContentSum, IAsyncEnumerable<object?[]>> read, CancellationToken cancellationToken)
    {
        await using var writing = await target.OpenWriteAsync(cancellationToken);
        await using var change = await target.BeginWriteAsync(writing, cancellationToken);
        if ((await ListAsync(target, target.ListTables, writing, change)).Count > 0)
        {
            throw new ProblemException(ProblemKind.Conflict, "database.not-empty", $"there is something in the database {target.Place} already; nothing was changed: name one that is empty");
        }

        foreach (var statement in Migrator.Embedded.Select(migration => migration.Sql).Prepend(Migrator.Table))
        {
            await writing.ExecuteAsync(new CommandDefinition(Migrator.Translate(statement, target), transaction: change, commandTimeout: 0, cancellationToken: cancellationToken));
        }

        // In the order in which they were made each comes after those that it refers to.
        var tables = await ListAsync(target, target.ListTablesAsMade, writing, change);
        if (wanted.Except(tables).Concat(tables.Except(wanted)).Order(StringComparer.Ordinal).ToList() is { Count: > 0 } odd)
        {
            throw new ProblemException(ProblemKind.Conflict, "database.tables-differ", $"these tables are on one side only: {string.Join(", ", odd)}; nothing was changed");
        }

        var copied = new List<CopiedTable>();
        foreach (var table in tables)
        {
            var shape = new TableShape(table, [.. await writing.QueryAsync<ColumnShape>(new CommandDefinition(target.ListColumns, new { table }, change, cancellationToken: cancellationToken))]);
            using var sent = new ContentSum();
            await target.InsertAsync(writing, change, shape, read(shape, sent), cancellationToken);
            copied.Add(await VerifyAsync(target, writing, change, shape, sent, cancellationToken));
        }

        await change.CommitAsync(CancellationToken.None);
        return copied;
    }

    private static async Task<CopiedTable> VerifyAsync(SqlDialect target, DbConnection writing, DbTransaction change, TableShape shape, ContentSum sent, CancellationToken cancellationToken)
    {
        using var arrived = new ContentSum();
        await foreach (var _ in ReadAsync(target, writing, change, shape, arrived, cancellationToken))
        {
        }

        return (arrived.Rows, arrived.Digest) == (sent.Rows, sent.Digest)
            ? new CopiedTable(shape.Name, sent.Rows, sent.Digest)
            : throw new ProblemException(
                ProblemKind.Unavailable,
                "database.copy-differs",
                $"the table {shape.Name} is not the same in {target.Place}: {sent.Rows} rows with digest {sent.Digest} were sent, {arrived.Rows} with {arrived.Digest} are there; nothing was changed");
    }

    private static async IAsyncEnumerable<object?[]> ReadAsync(
        SqlDialect dialect, DbConnection connection, DbTransaction transaction, TableShape shape, ContentSum sum, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = shape.Select;
        command.CommandTimeout = 0;
        command.Transaction = transaction;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = new object?[shape.Columns.Count];
            for (var column = 0; column < row.Length; column++)
            {
                row[column] = reader.GetValue(column) switch { DBNull => null, Guid id => id.ToString(), var value => value };
            }

            sum.Add(row);
            yield return row;
        }
    }

    private static async Task RequireThisReleaseAsync(SqlDialect source, DbConnection connection, DbTransaction transaction, CancellationToken cancellationToken)
    {
        var tables = await ListAsync(source, source.ListTables, connection, transaction);
        if (!tables.Contains("migrations"))
        {
            throw new ProblemException(ProblemKind.NotFound, "database.no-installation", $"there is no installation in the database {source.Place}");
        }

        var applied = await connection.QueryAsync<string>(new CommandDefinition("SELECT checksum FROM migrations ORDER BY number", transaction: transaction, cancellationToken: cancellationToken));
        if (!applied.SequenceEqual(Migrator.Embedded.Select(migration => migration.Checksum)))
        {
            throw new ProblemException(
                ProblemKind.Conflict, "database.other-release", $"the database {source.Place} was last used by another release; start a server of this one on it once, stop it, and try again");
        }
    }

    private static async Task<IReadOnlyList<string>> ListAsync(SqlDialect dialect, string sql, DbConnection connection, DbTransaction transaction) =>
        (await connection.QueryAsync<string>(dialect.Adapt(sql), transaction: transaction)).AsList();
}

/// <param name="Name">The table.</param>
/// <param name="Rows">How many rows both sides have.</param>
/// <param name="Digest">SHA-256 of their content, in hexadecimal.</param>
internal sealed record CopiedTable(string Name, long Rows, string Digest);
