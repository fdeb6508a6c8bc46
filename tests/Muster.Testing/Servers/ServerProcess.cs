using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Muster.Testing;

/// <summary>The real muster-server, as a process of its own with its data in a folder.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private readonly LeashedProcess _process;

    private ServerProcess(LeashedProcess process, Uri address)
    {
        _process = process;
        Address = address;
    }

    public Uri Address { get; }

    /// <summary>The leash that the server runs on.</summary>
    public int Id => _process.Id;

    public string Said => _process.Said;

    /// <summary>Made once with the programs of this build; the password is null where the folder is an installation already.</summary>
    /// <param name="data">As seen where the server runs.</param>
    /// <param name="disk">Where it runs; null for here.</param>
    /// <param name="databaseFile">Names a PostgreSQL database; null for SQLite in the folder.</param>
    public static async Task<string?> InitialiseAsync(string data, CancellationToken cancellationToken, TestDisk? disk = null, string? databaseFile = null)
    {
        var command = InitialiseCommand(data, disk, databaseFile);
        var said = await Command.RunAsync(command[0], command.Skip(1), cancellationToken);
        const string Before = "one-time password ";
        var at = said.IndexOf(Before, StringComparison.Ordinal);
        return at < 0 ? null : said[(at + Before.Length)..].Split(';', ' ', '\n')[0];
    }

    /// <summary>The words that make the installation.</summary>
    public static IReadOnlyList<string> InitialiseCommand(string data, TestDisk? disk, string? databaseFile = null) => At(disk, [Program, "init", "--data", data, .. Known, .. In(databaseFile)]);

    /// <param name="port">0 takes a free one.</param>
    public static async Task<ServerProcess> StartAsync(string data, int port, string? web, string? agentArchive, Action<string>? listen, CancellationToken cancellationToken, string? program = null, TestDisk? disk = null, string? databaseFile = null)
    {
        List<string> command = [program ?? Program, "run", "--data", data, "--listen", $"127.0.0.1:{port}", .. Known, .. In(databaseFile)];
        if (web is not null)
        {
            command.AddRange(["--web", web]);
        }

        var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = LeashedProcess.Start(At(disk, command), line =>
        {
            listen?.Invoke(line);
            if (line.StartsWith("muster-server listens on ", StringComparison.Ordinal))
            {
                var said = new Uri(line.Split(' ')[3].TrimEnd(','));
                listening.TrySetResult(new Uri($"https://localhost:{said.Port}"));
            }
        }, agentArchive is null ? [] : [("MUSTER_Machines__AgentPackage", agentArchive)]);
        var ended = process.WaitAsync(cancellationToken);
        if (await Task.WhenAny(listening.Task, ended) == ended)
        {
            await process.DisposeAsync();
            cancellationToken.ThrowIfCancellationRequested();
            throw new CommandException($"muster-server does not run:\n{process.Said}");
        }

        return new(process, await listening.Task);
    }

    /// <summary>The certificate of the installation's own authority, for the command line; asked of ourselves, so nothing need vouch for it.</summary>
    public async Task<string> GetAuthorityAsync(CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true } };
        using var client = new HttpClient(handler) { BaseAddress = Address };
        return await client.GetStringAsync(new Uri("/authority.pem", UriKind.Relative), cancellationToken);
    }

    /// <summary>A client that believes this installation's authority and nobody else.</summary>
    public HttpClient OpenClient(string authorityFile)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(authorityFile));
        return new HttpClient(new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy } }) { BaseAddress = Address };
    }

    /// <summary>As a power cut would, for the program.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        await Command.RunAsync("pkill", ["-KILL", "--parent", Id.ToString(System.Globalization.CultureInfo.InvariantCulture), "muster-server"], cancellationToken);
        await _process.WaitAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static IReadOnlyList<string> At(TestDisk? disk, IReadOnlyList<string> command) => disk?.Enter(command) ?? command;

    private static string Program => Path.Combine(AppContext.BaseDirectory, "muster-server");

    private static IReadOnlyList<string> In(string? databaseFile) => databaseFile is null ? [] : ["--database-file", databaseFile];

    private static IReadOnlyList<string> Known => ["--public-name", "localhost"];
}
