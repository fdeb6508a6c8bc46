using System.Net.Sockets;
using Muster.Testing;

namespace Muster.Dev;

/// <summary>The server of <c>./dev up</c> with its data in one folder, and a command line signed in to it.</summary>
internal sealed class LocalInstallation : IAsyncDisposable
{
    private LocalInstallation(string data, ServerProcess server, MusterCommandLine muster, Api api, string login)
    {
        Api = api;
        Data = data;
        Server = server;
        Muster = muster;
        Login = login;
    }

    public string Data { get; }

    public ServerProcess Server { get; }

    public MusterCommandLine Muster { get; }

    public Api Api { get; }

    /// <summary>How a person signs in, in words.</summary>
    public string Login { get; }

    /// <summary>Where the installation of <paramref name="data"/> lies; it is there only when it is complete.</summary>
    public static string FolderIn(string data) => Path.Combine(data, "server");

    public static async Task<LocalInstallation> StartAsync(string data, int port, string agentArchive, string? databaseFile, CancellationToken cancellationToken)
    {
        var folder = FolderIn(data);
        var passwordFile = Path.Combine(data, "one-time-password");
        var tokenFile = Path.Combine(data, "token");
        if (!Directory.Exists(folder))
        {
            await MakeAsync(folder, passwordFile, tokenFile, databaseFile, cancellationToken);
        }

        if (port != 0 && IsTaken(port))
        {
            throw new DevException($"something listens on port {port} already; stop it, or choose another with --port");
        }

        var log = new StreamWriter(Path.Combine(data, "server.log"), append: true) { AutoFlush = true };
        var web = WebBuild.Exists ? WebBuild.Output : null;
        var server = await ServerProcess.StartAsync(folder, port, web, agentArchive, TextWriter.Synchronized(log).WriteLine, cancellationToken, databaseFile: databaseFile);
        var authorityFile = Path.Combine(data, "authority.pem");
        await File.WriteAllTextAsync(authorityFile, await server.GetAuthorityAsync(cancellationToken), cancellationToken);
        var token = await File.ReadAllTextAsync(tokenFile, cancellationToken);
        var muster = new MusterCommandLine(server.Address, token, authorityFile);
        var client = server.OpenClient(authorityFile);
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        var login = $"one-time password {await File.ReadAllTextAsync(passwordFile, cancellationToken)}, or the one you have chosen since";
        return new(data, server, muster, new Api(client), login);
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await Server.DisposeAsync();
    }

    // It takes its place only when it is complete with the secrets that it tells once.
    private static async Task MakeAsync(string folder, string passwordFile, string tokenFile, string? databaseFile, CancellationToken cancellationToken)
    {
        var partial = folder + ".partial";
        if (Directory.Exists(partial))
        {
            Directory.Delete(partial, recursive: true);
        }

        WriteSecret(passwordFile, await ServerProcess.InitialiseAsync(partial, cancellationToken, databaseFile: databaseFile)
            ?? throw new DevException($"{partial} was not empty"));
        WriteSecret(tokenFile, await InstallationAccess.MakeTokenAsync(partial, cancellationToken, databaseFile));
        Directory.Move(partial, folder);
    }

    private static void WriteSecret(string file, string secret)
    {
        using var stream = new FileStream(file, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        using var writer = new StreamWriter(stream);
        writer.Write(secret);
    }

    private static bool IsTaken(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, port));
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
