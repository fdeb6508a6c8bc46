using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Muster.Testing;

/// <summary>A real PostgreSQL with its data in a folder of its own; it ends with this process.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    // Nothing of a test outlives the computer's power, so waiting for the disk would only cost time.
    private static readonly string[] Hasty = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];

    private readonly LeashedProcess process;
    private readonly string folder;
    private readonly TemporaryFolder? own;

    private PostgresServer(LeashedProcess process, string folder, TemporaryFolder? own, int port)
    {
        this.process = process;
        this.folder = folder;
        this.own = own;
        Port = port;
    }

    public int Port { get; }

    /// <summary>As a program beside it would be given: over loopback, with its password.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Username = "muster",
        Password = File.ReadAllText(Path.Combine(folder, "password")).Trim(),
        Database = "muster",
    }.ConnectionString;

    /// <summary>A new one that is gone with this object.</summary>
    /// <exception cref="CommandException">PostgreSQL is missing, or does not start.</exception>
    public static async Task<PostgresServer> StartAsync(CancellationToken cancellationToken)
    {
        var own = new TemporaryFolder();
        return await StartAsync(own.Path, own, Hasty, cancellationToken);
    }

    /// <summary>The one in <paramref name="folder"/>, made there where there is none yet.</summary>
    /// <exception cref="CommandException">PostgreSQL is missing, or does not start.</exception>
    public static Task<PostgresServer> StartAsync(string folder, CancellationToken cancellationToken) => StartAsync(Directory.CreateDirectory(folder).FullName, null, [], cancellationToken);

    /// <summary>An empty database of its own beside the others.</summary>
    public async Task<string> MakeDatabaseAsync(CancellationToken cancellationToken)
    {
        var name = $"t{Guid.NewGuid():N}";
        await RunAsync($"CREATE DATABASE {name}", cancellationToken);
        return new NpgsqlConnectionStringBuilder(ConnectionString) { Database = name }.ConnectionString;
    }

    /// <summary>Runs a statement as the owner of everything.</summary>
    public Task RunAsync(string sql, CancellationToken cancellationToken) => RunAsync(ConnectionString, sql, cancellationToken);

    public static async Task RunAsync(string connectionString, string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await process.DisposeAsync();
        own?.Dispose();
    }

    private static async Task<PostgresServer> StartAsync(string folder, TemporaryFolder? own, string[] settings, CancellationToken cancellationToken)
    {
        if (!Directory.Exists("/usr/lib/postgresql"))
        {
            throw new CommandException("PostgreSQL is missing: install the package postgresql");
        }

        var port = FreePort();
        var script = Path.Combine(AppContext.BaseDirectory, "Servers", "postgres.sh");
        var server = new PostgresServer(LeashedProcess.Start(["bash", script, folder, port.ToString(CultureInfo.InvariantCulture), .. settings]), folder, own, port);
        try
        {
            await server.UntilReadyAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private async Task UntilReadyAsync(CancellationToken cancellationToken)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            try
            {
                await RunAsync("SELECT 1", cancellationToken);
                return;
            }
            catch (Exception e) when (e is NpgsqlException or IOException)
            {
                if (process.HasEnded)
                {
                    throw new CommandException($"PostgreSQL does not run in {folder}:\n{process.Said}");
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
