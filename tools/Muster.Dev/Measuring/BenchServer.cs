using System.Text.Json;
using Muster.Testing;

namespace Muster.Dev;

/// <summary>A released server with nothing in it yet, and both ways to ask it.</summary>
internal sealed class BenchServer : IAsyncDisposable
{
    private readonly ServerProcess _process;

    private BenchServer(ServerProcess process, MusterCommandLine muster, Api api)
    {
        _process = process;
        Muster = muster;
        Api = api;
    }

    public MusterCommandLine Muster { get; }

    public Api Api { get; }

    /// <summary>What server and command line have used so far.</summary>
    public double ProcessorSeconds => Processor.SecondsOfEnded() + Processor.ChildrenOf(_process.Id).Sum(Processor.SecondsOf);

    public static async Task<BenchServer> StartAsync(string data, string programs, CancellationToken cancellationToken)
    {
        await ServerProcess.InitialiseAsync(data, cancellationToken);
        var token = await InstallationAccess.MakeTokenAsync(data, cancellationToken);
        var process = await ServerProcess.StartAsync(
            data, 0, null, Packages.RequireArchive("muster-agent"), null, cancellationToken, Path.Combine(programs, "usr/lib/muster-server/muster-server"));
        var authority = Path.Combine(data, "authority.pem");
        await File.WriteAllTextAsync(authority, await process.GetAuthorityAsync(cancellationToken), cancellationToken);
        var client = process.OpenClient(authority);
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);

        // A home of its own: what the command line remembers of the tree belongs to this server's round.
        return new(process, new MusterCommandLine(process.Address, token, authority, Path.Combine(programs, "usr/lib/muster/muster"), data), new Api(client));
    }

    public async Task<JsonElement> ShowAsync(string machine, CancellationToken cancellationToken) =>
        await Api.GetAsync($"/api/v1/machines/show?machine={machine}", cancellationToken);

    /// <summary>Asks without a pause: one would be measured too.</summary>
    public async Task UntilAsync(string machine, Func<JsonElement, bool> isSo, CancellationToken cancellationToken)
    {
        var patience = new Patience($"{machine} did not become what was waited for", cancellationToken);
        while (!isSo(await ShowAsync(machine, cancellationToken)))
        {
            patience.Check();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await _process.DisposeAsync();
    }
}
