using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Muster.Testing;

namespace Muster.PeerTests.Packaging;

/// <summary>The installed server of a machine, run as its unit would run it, with a person signed in to it there.</summary>
internal sealed class PackagedServer : IAsyncDisposable
{
    private const string Password = "a password of twenty letters";
    private readonly TestMachine _host;
    private readonly Process _process;

    private PackagedServer(TestMachine host, Process process, string address)
    {
        _host = host;
        _process = process;
        Address = address;
    }

    public string Address { get; }

    public static async Task<PackagedServer> StartAsync(TestMachine host, string oneTime, CancellationToken cancellationToken)
    {
        var process = host.Start(
            ["setpriv", "--reuid=muster", "--regid=muster", "--clear-groups", "muster-server", "run", "--listen", "127.0.0.1:0", "--public-name", "localhost"]);
        var server = new PackagedServer(host, process, await WaitAsync(process, cancellationToken));
        await host.RunAsync(["sh", "-c", $"umask 077; echo '{oneTime}' >/root/one; echo '{Password}' >/root/new"], cancellationToken);
        await host.RunAsync(["muster", "login", server.Address, "--user", "admin", "--password-file", "/root/one", "--new-password-file", "/root/new", "--trust-first"], cancellationToken);
        return server;
    }

    public async Task<JsonElement> AskAsync(IEnumerable<string> words, CancellationToken cancellationToken) =>
        JsonSerializer.Deserialize<JsonElement>(await _host.RunAsync(["muster", .. words, "--output", "json"], cancellationToken));

    public async Task UntilConnectedAsync(string machine, CancellationToken cancellationToken)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while ((await AskAsync(["machines", "show", machine], cancellationToken)).GetProperty("summary").GetProperty("link").GetString() != "connected")
        {
            await again.WaitForNextTickAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private static async Task<string> WaitAsync(Process process, CancellationToken cancellationToken)
    {
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Contains(" listens on ", StringComparison.Ordinal))
            {
                var port = new Uri(line.Split(' ')[3].TrimEnd(',')).Port;
                _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                return string.Create(CultureInfo.InvariantCulture, $"https://localhost:{port}");
            }
        }

        throw new InvalidOperationException($"muster-server ended: {await process.StandardError.ReadToEndAsync(cancellationToken)}");
    }
}
