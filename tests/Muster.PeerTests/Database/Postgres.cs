using Muster.PeerTests.Database;
using Muster.Testing;

[assembly: AssemblyFixture(typeof(Postgres))]

namespace Muster.PeerTests.Database;

/// <summary>One PostgreSQL for all tests that need one, started by the first; each has databases of its own in it.</summary>
public sealed class Postgres : IAsyncDisposable
{
    private readonly Lazy<Task<PostgresServer>> server = new(() => PostgresServer.StartAsync(CancellationToken.None));

    public Task<PostgresServer> Server => server.Value;

    public async ValueTask DisposeAsync()
    {
        if (server.IsValueCreated)
        {
            await (await server.Value).DisposeAsync();
        }
    }
}
