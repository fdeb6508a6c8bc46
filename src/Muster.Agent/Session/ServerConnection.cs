using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Security;
using System.Reflection;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Muster.Agent.Identity;
using Muster.Core.Problems;

namespace Muster.Agent.Session;

/// <summary>
/// One way to the server, over which everything goes (docs/formats/session.md). It does not retry: who calls knows when to.
/// Every failure is a <see cref="ProblemException"/>; <see cref="ProblemKind.Unavailable"/> means that trying again may help.
/// </summary>
internal sealed class ServerConnection : IDisposable
{
    /// <summary>The name under which the server shows the certificate of its own authority.</summary>
    public const string MtlsName = "mtls.muster.internal";

    private const int FaultLimit = 64 * 1024;

    private readonly HttpClient http;
    private readonly string? host;
    private readonly string server;

    /// <summary>Takes the handler that moves the bytes: sockets in life, whatever a test or simulation likes elsewhere.</summary>
    /// <param name="server"><c>https://host:port</c>.</param>
    /// <param name="handler">Disposed with the connection.</param>
    /// <param name="host">Sent as authority and SNI in place of the server's own name.</param>
    public ServerConnection(string server, HttpMessageHandler handler, string? host)
    {
        this.server = server;
        this.host = host;
        http = new HttpClient(handler)
        {
            BaseAddress = new Uri(server.TrimEnd('/') + "/"),
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        http.DefaultRequestHeaders.Add("Muster-Protocol", "1");
        http.DefaultRequestHeaders.Add("Muster-Build", Build);
    }

    /// <summary>The agent's version.</summary>
    public static string Build { get; } =
        typeof(ServerConnection).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>The way of a machine that has joined.</summary>
    public static ServerConnection Mutual(MachineIdentity identity, MachineCertificate certificate, AgentClock clock) =>
        new(identity.Server, MutualHandler(certificate, clock), MtlsName);

    /// <summary>The way of a machine that knows nothing but the fingerprints in its invitation.</summary>
    public static ServerConnection Pinned(string server, IReadOnlyList<string> pins) => new(server, PinnedHandler(pins), null);

    public void Dispose() => http.Dispose();

    /// <summary>Posts a record and reads the answer.</summary>
    public async Task<TAnswer> PostAsync<TBody, TAnswer>(string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        // Not JsonContent: it would send in chunks, and a length is shorter.
        using var content = Json(body, bodyType);
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        using var answer = await SendAsync(request, limit.Token, cancellationToken);
        return await ReadAsync(answer, answerType, limit.Token, cancellationToken);
    }

    /// <summary>Posts bytes and reads the answer.</summary>
    public async Task<TAnswer> PostBytesAsync<TAnswer>(string path, ReadOnlyMemory<byte> body, JsonTypeInfo<TAnswer> answerType, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        using var content = new ReadOnlyMemoryContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        using var answer = await SendAsync(request, limit.Token, cancellationToken);
        return await ReadAsync(answer, answerType, limit.Token, cancellationToken);
    }

    /// <summary>Posts a record; the answer's body is read by the caller, who disposes it.</summary>
    public Task<HttpResponseMessage> OpenPostAsync<TBody>(string path, TBody body, JsonTypeInfo<TBody> bodyType, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Json(body, bodyType) };
        return SendAsync(request, cancellationToken, cancellationToken);
    }

    /// <summary>Gets; the answer's body is read by the caller, who disposes it.</summary>
    public Task<HttpResponseMessage> OpenGetAsync(string path, string accept, string? lastEvent, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(accept));
        if (lastEvent is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEvent);
        }

        return SendAsync(request, cancellationToken, cancellationToken);
    }

    private static ByteArrayContent Json<TBody>(TBody body, JsonTypeInfo<TBody> type)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, type));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken limit, CancellationToken cancellationToken)
    {
        request.Headers.Host = host;
        try
        {
            var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit);
            if (answer.IsSuccessStatusCode)
            {
                return answer;
            }

            using (answer)
            {
                throw await FaultAsync(answer, limit);
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            throw Unreachable(e);
        }
    }

    private async Task<TAnswer> ReadAsync<TAnswer>(HttpResponseMessage answer, JsonTypeInfo<TAnswer> type, CancellationToken limit, CancellationToken cancellationToken)
    {
        try
        {
            return await answer.Content.ReadFromJsonAsync(type, limit)
                ?? throw new ProblemException(ProblemKind.Unavailable, "server.answer", $"{server} answered nothing where a record was expected");
        }
        catch (JsonException e)
        {
            throw new ProblemException(ProblemKind.Unavailable, "server.answer", $"{server} answered what is not Muster's protocol: {e.Message}", e);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            throw Unreachable(e);
        }
    }

    private static async Task<ProblemException> FaultAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        ServerFault? fault = null;
        try
        {
            if (answer.Content.Headers.ContentLength is null or < FaultLimit)
            {
                fault = await answer.Content.ReadFromJsonAsync(AgentJson.Default.ServerFault, cancellationToken);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or IOException)
        {
            // A proxy's own page: the status has to do.
        }

        var status = (int)answer.StatusCode;
        var kind = status switch
        {
            401 => ProblemKind.Unauthenticated,
            403 => ProblemKind.Denied,
            404 => ProblemKind.NotFound,
            409 => ProblemKind.Conflict,
            413 => ProblemKind.TooLarge,
            429 => ProblemKind.Throttled,
            507 => ProblemKind.Full,
            >= 400 and < 500 => ProblemKind.Invalid,
            _ => ProblemKind.Unavailable,
        };
        return new ProblemException(kind, fault?.Code ?? "server.refused", fault?.Detail ?? fault?.Title ?? $"the server answered {status}") { RetryAfter = answer.Headers.RetryAfter?.Delta };
    }

    private ProblemException Unreachable(Exception e)
    {
        for (var cause = e; cause is not null; cause = cause.InnerException)
        {
            // What our own check of the certificate found is the thing to tell, however deep the handshake buried it.
            if (cause is ProblemException problem)
            {
                return problem;
            }
        }

        var why = e is OperationCanceledException ? "it did not answer in time" : e.InnerException is AuthenticationException or IOException ? e.InnerException.Message : e.Message;
        return new ProblemException(ProblemKind.Unavailable, "server.unreachable", $"cannot reach {server}: {why}", e);
    }

    private static SocketsHttpHandler MutualHandler(MachineCertificate certificate, AgentClock clock)
    {
        var handler = Sockets();
        handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(certificate.Leaf, certificate.Intermediates, offline: true);
        handler.SslOptions.RemoteCertificateValidationCallback = (_, presented, chain, _) => CheckAuthority(presented as X509Certificate2, chain, certificate.Authority, clock.Now);
        return handler;
    }

    private static SocketsHttpHandler PinnedHandler(IReadOnlyList<string> pins)
    {
        var handler = Sockets();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, presented, _, _) =>
        {
            var seen = presented is X509Certificate2 certificate ? Pin.Of(certificate) : "no certificate at all";
            return pins.Contains(seen) ? true : throw new ProblemException(ProblemKind.Denied, "join.pin-mismatch",
                $"the server is not the one that was meant: its key is {seen}, the join line names {string.Join(" or ", pins)}. Somebody may be in between, or the line is older than the server's key; make a new one");
        };
        return handler;
    }

    private static SocketsHttpHandler Sockets() => new()
    {
        AutomaticDecompression = DecompressionMethods.None,
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(15),
        // One connection carries everything for as long as it lives.
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5),
        EnableMultipleHttp2Connections = false,
        SslOptions = new SslClientAuthenticationOptions { EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13, CertificateRevocationCheckMode = X509RevocationMode.NoCheck },
    };

    private static bool CheckAuthority(X509Certificate2? presented, X509Chain? sent, X509Certificate2 authority, DateTimeOffset now)
    {
        if (presented is null || !presented.MatchesHostname(MtlsName))
        {
            throw new ProblemException(ProblemKind.Denied, "server.foreign", $"the server shows a certificate for {presented?.Subject ?? "nothing"}, not for {MtlsName}; a proxy that opens TLS on the way has to let it through");
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        // Our authority dates nothing into the future: where something of it begins later than our clock says, the clock is wrong.
        var latest = Later(Later(now.UtcDateTime, authority), presented);
        foreach (var element in sent?.ChainElements.AsEnumerable() ?? [])
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
            latest = Later(latest, element.Certificate);
        }

        chain.ChainPolicy.VerificationTime = latest;

        return chain.Build(presented) ? true : throw new ProblemException(ProblemKind.Denied, "server.foreign",
            $"the server's certificate is not of the authority this machine joined: {string.Join("; ", chain.ChainStatus.Select(status => status.StatusInformation.Trim()))}");
    }

    private static DateTime Later(DateTime time, X509Certificate2 certificate) =>
        certificate.NotBefore.ToUniversalTime() is var from && from > time ? from : time;
}
