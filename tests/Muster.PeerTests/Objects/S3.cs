using Muster.PeerTests.Objects;
using Muster.Testing;

[assembly: AssemblyFixture(typeof(S3))]

namespace Muster.PeerTests.Objects;

/// <summary>One S3 service for all tests that need one, started by the first; each has a bucket of its own in it.</summary>
public sealed class S3 : IAsyncDisposable
{
    private readonly Lazy<Task<S3Server>> server = new(() => S3Server.StartAsync(CancellationToken.None));

    public Task<S3Server> Server => server.Value;

    public async ValueTask DisposeAsync()
    {
        if (server.IsValueCreated)
        {
            await (await server.Value).DisposeAsync();
        }
    }
}
