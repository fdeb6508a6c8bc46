using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Muster.Testing;

namespace Muster.Dev;

/// <summary>The server of <c>./dev up</c> with its data in one folder, and a command line signed in to it.</summary>
internal sealed class LocalInstallation : IAsyncDisposable
{
    private readonly HttpClient _client;

    private LocalInstallation(string data, ServerProcess server, MusterCommandLine muster, HttpClient client, string login)
    {
        _client = client;
        Data = data;
        Server = server;
        Muster = muster;
        Login = login;
    }

    public string Data { get; }

    public ServerProcess Server { get; }

    public MusterCommandLine Muster { get; }

    /// <summary>How a person signs in, in words.</summary>
    public string Login { get; }

    public static async Task<LocalInstallation> StartAsync(string data, int port, string agentArchive, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(data, "server");
        var passwordFile = Path.Combine(data, "one-time-password");
        var tokenFile = Path.Combine(data, "token");
        if (!Directory.Exists(folder))
        {
            await MakeAsync(folder, passwordFile, tokenFile, cancellationToken);
        }

        if (port != 0 && IsTaken(port))
        {
            throw new DevException($"something listens on port {port} already; stop it, or choose another with --port");
        }

        var log = new StreamWriter(Path.Combine(data, "server.log"), append: true) { AutoFlush = true };
        var web = WebBuild.Exists ? WebBuild.Output : null;
        var server = await ServerProcess.StartAsync(folder, port, web, agentArchive, TextWriter.Synchronized(log).WriteLine, cancellationToken);
        var authorityFile = Path.Combine(data, "authority.pem");
        await File.WriteAllTextAsync(authorityFile, await server.GetAuthorityAsync(cancellationToken), cancellationToken);
        var token = await File.ReadAllTextAsync(tokenFile, cancellationToken);
        var muster = new MusterCommandLine(server.Address, token, authorityFile);
        var client = server.OpenClient(authorityFile);
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        var login = $"one-time password {await File.ReadAllTextAsync(passwordFile, cancellationToken)}, or the one you have chosen since";
        return new(data, server, muster, client, login);
    }

    /// <summary>Asks the API, where starting the command line each time would be slow.</summary>
    public async Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) =>
        JsonSerializer.Deserialize<JsonElement>(await _client.GetByteArrayAsync(new Uri(path, UriKind.Relative), cancellationToken));

    /// <summary>All things of a noun, page by page.</summary>
    public async Task<IReadOnlyList<JsonElement>> ListAsync(string noun, CancellationToken cancellationToken)
    {
        var items = new List<JsonElement>();
        for (var path = $"/api/v1/{noun}/list?limit=200"; path is not null;)
        {
            var page = await GetAsync(path, cancellationToken);
            items.AddRange(page.GetProperty("items").EnumerateArray());
            path = page.TryGetProperty("next", out var next) && next.GetString() is { } cursor ? $"/api/v1/{noun}/list?limit=200&cursor={Uri.EscapeDataString(cursor)}" : null;
        }

        return items;
    }

    public async Task PostAsync(string path, object arguments, CancellationToken cancellationToken)
    {
        using var answer = await _client.PostAsJsonAsync(path, arguments, cancellationToken);
        if (!answer.IsSuccessStatusCode)
        {
            throw new DevException($"{path}: {await answer.Content.ReadAsStringAsync(cancellationToken)}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Server.DisposeAsync();
    }

    // It takes its place only when it is complete with the secrets that it tells once.
    private static async Task MakeAsync(string folder, string passwordFile, string tokenFile, CancellationToken cancellationToken)
    {
        var partial = folder + ".partial";
        if (Directory.Exists(partial))
        {
            Directory.Delete(partial, recursive: true);
        }

        WriteSecret(passwordFile, await ServerProcess.InitialiseAsync(partial, cancellationToken)
            ?? throw new DevException($"{partial} was not empty"));
        WriteSecret(tokenFile, await InstallationAccess.MakeTokenAsync(partial, cancellationToken));
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
