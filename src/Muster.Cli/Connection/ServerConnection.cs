using System.Net.Security;
using System.Net.Sockets;
using System.Reflection;
using Muster.Core.Problems;

namespace Muster.Cli.Connection;

/// <summary>
/// Connects to the server's address while speaking to the name <c>mtls.muster.internal</c>, so that neither DNS nor a public
/// certificate decides whom we trust.
/// </summary>
internal static class ServerConnection
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);

    public static string Build { get; } = typeof(ServerConnection).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public static HttpClient Open(Uri server, RemoteCertificateValidationCallback judge)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = true,
            AllowAutoRedirect = false,
            ConnectTimeout = ConnectTimeout,
            MaxConnectionsPerServer = 16,
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            ConnectCallback = (_, cancellationToken) => ConnectAsync(server, cancellationToken),
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = judge },
        };
        var client = new HttpClient(handler)
        {
            BaseAddress = new UriBuilder(Uri.UriSchemeHttps, ServerAddress.MutualName, server.Port).Uri,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        client.DefaultRequestHeaders.Add("Muster-Protocol", "1");
        client.DefaultRequestHeaders.Add("Muster-Build", Build);
        return client;
    }

    private static async ValueTask<Stream> ConnectAsync(Uri server, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server.DnsSafeHost, server.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new ProblemException(ProblemKind.Unavailable, "server.unreachable",
                $"cannot reach {ServerAddress.Show(server)}: {e.Message}; is the server running, and is the address right?", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
