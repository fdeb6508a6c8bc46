using System.Data.Common;
using Dapper;

namespace Muster.Server.Database;

/// <summary>One serializable transaction that writes. It may be run again from its start, so its body has no effects outside it except through <see cref="AfterCommit"/>.</summary>
internal sealed class WriteSql(SqlDialect dialect, DbConnection connection, DbTransaction transaction) : ReadSql(dialect, connection, transaction)
{
    private readonly List<Action> afterCommit = [];
    private readonly HashSet<string> told = [];

    /// <summary>Runs a statement; returns how many rows it touched.</summary>
    public Task<int> ExecuteAsync(string sql, object? arguments, CancellationToken cancellationToken) =>
        Connection.ExecuteAsync(Command(sql, arguments, cancellationToken));

    /// <summary>Tells the other servers once the change is durable; twice the same is told once. See <see cref="Neighbours"/>.</summary>
    public Task TellAsync(string said, CancellationToken cancellationToken) =>
        Dialect.Tell is { } statement && told.Add(said) ? ExecuteAsync(statement, new { said }, cancellationToken) : Task.CompletedTask;

    /// <summary>Something quick to do once the change is durable, such as waking a loop. Never runs if it was rolled back.</summary>
    public void AfterCommit(Action action) => afterCommit.Add(action);

    internal void Committed() => afterCommit.ForEach(action => action());
}
