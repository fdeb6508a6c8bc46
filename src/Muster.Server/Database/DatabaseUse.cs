using System.Data.Common;
using Muster.Core.Problems;

namespace Muster.Server.Database;

/// <summary>Says that a server uses the database, so that nobody copies it away meanwhile.</summary>
internal sealed class DatabaseUse(SqlDialect dialect) : IAsyncDisposable
{
    private IAsyncDisposable? held;

    /// <exception cref="ProblemException"><c>database.in-copy</c>: it is being copied just now.</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken) =>
        held ??= await TryTakeAsync(dialect, alone: false, cancellationToken)
            ?? throw new ProblemException(ProblemKind.Conflict, "database.in-copy", $"the database {dialect.Place} is just being copied by migrate-database; start the server when that is done, on the one that is to be used");

    /// <exception cref="ProblemException"><c>database.in-use</c>: somebody else uses it.</exception>
    public static async Task<IAsyncDisposable> TakeAloneAsync(SqlDialect dialect, CancellationToken cancellationToken) =>
        await TryTakeAsync(dialect, alone: true, cancellationToken)
            ?? throw new ProblemException(ProblemKind.Conflict, "database.in-use", $"a server is running on the database {dialect.Place}; nothing was changed: stop every server that uses it first");

    public ValueTask DisposeAsync() => held?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static async Task<IAsyncDisposable?> TryTakeAsync(SqlDialect dialect, bool alone, CancellationToken cancellationToken)
    {
        try
        {
            return await dialect.TryUseAsync(alone, cancellationToken);
        }
        catch (DbException problem) when (dialect.Explain(problem) is { } explained)
        {
            throw explained;
        }
    }
}
