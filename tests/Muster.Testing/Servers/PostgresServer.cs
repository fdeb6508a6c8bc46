using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Muster.Testing;

/// <summary>A real PostgreSQL in a folder of its own, which ends with this process.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    // Nothing of a test outlives the computer's power, so waiting for the disk would only cost time.
    private static readonly string[] Hasty = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];

    private readonly LeashedProcess process;
    private readonly TemporaryFolder folder;

    private PostgresServer(LeashedProcess process, TemporaryFolder folder, int port)
    {
        this.process = process;
        this.folder = folder;
        ConnectionString = string.Create(CultureInfo.InvariantCulture, $"Host={folder.Path};Port={port};Username=muster;Database=postgres");
    }

    /// <summary>Over its socket, as its owner.</summary>
    public string ConnectionString { get; }

    public static async Task<PostgresServer> StartAsync(CancellationToken cancellationToken)
    {
        if (!Directory.Exists("/usr/lib/postgresql"))
        {
            throw Peer.Missing("PostgreSQL (package postgresql)");
        }

        var folder = new TemporaryFolder();
        File.SetUnixFileMode(folder.Path, File.GetUnixFileMode(folder.Path) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        var port = FreePort();
        var script = Path.Combine(AppContext.BaseDirectory, "Servers", "postgres.sh");
        var process = LeashedProcess.Start(["bash", script, folder.Path, port.ToString(CultureInfo.InvariantCulture), .. Hasty]);
        var server = new PostgresServer(process, folder, port);
        await server.UntilReadyAsync(cancellationToken);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await process.DisposeAsync();
        folder.Dispose();
    }

    private async Task UntilReadyAsync(CancellationToken cancellationToken)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
                await connection.OpenAsync(cancellationToken);
                return;
            }
            catch (NpgsqlException e)
            {
                if (process.HasEnded)
                {
                    throw new InvalidOperationException($"PostgreSQL did not start:\n{process.Said}", e);
                }
            }

            await again.WaitForNextTickAsync(cancellationToken);
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
