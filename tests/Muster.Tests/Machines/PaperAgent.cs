using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Muster.Protocol.Agent;
using Muster.Protocol.Edge;
using Muster.Protocol.Machines;
using Muster.Server.Edge;
using Muster.Testing;
using Xunit;

namespace Muster.Tests.Machines;

/// <summary>Says on the wire what an agent says, one request at a time, so that a test can say it wrongly too.</summary>
internal sealed class PaperAgent : IDisposable
{
    private readonly X509Certificate2 certificate;

    private PaperAgent(MusterServer server, JoinAnswer identity, X509Certificate2 certificate)
    {
        Identity = identity;
        this.certificate = certificate;
        Client = server.CreateClient(new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
            ClientCertificates = [certificate],
            LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate,
        });
        Client.BaseAddress = new Uri("https://mtls.muster.internal");
    }

    public static MachineFacts Facts { get; } = new("web-1", "Debian 12", "6.1", "x86_64", 2, 1 << 30, "ext4", true, true, [], 0, 0);

    public HttpClient Client { get; }

    public JoinAnswer Identity { get; }

    public string Name => Identity.Name;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<PaperAgent> JoinAsync(MusterServer server, HttpClient admin, string host = "web-1")
    {
        var invitation = await InviteAsync(admin);
        return await JoinAsync(server, invitation.Token.Reveal(), host);
    }

    public static async Task<Invitation> InviteAsync(HttpClient admin, InviteMachine? how = null)
    {
        var answer = await admin.PostAsJsonAsync("/api/v1/machines/invite", how ?? new InviteMachine(), WireJson.Options, Cancellation);
        return await ReadAsync<Invitation>(answer);
    }

    public static async Task<PaperAgent> JoinAsync(MusterServer server, string token, string host = "web-1")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var nobody = server.CreateClient();
        var answer = await nobody.PostAsJsonAsync("/agent/v1/join", new JoinRequest(token, Request(key), Facts with { HostName = host }), WireJson.Options, Cancellation);
        var identity = await ReadAsync<JoinAnswer>(answer);
        using var bare = X509CertificateLoader.LoadCertificate(identity.Certificates[0]);
        return new PaperAgent(server, identity, bare.CopyWithPrivateKey(key));
    }

    public static byte[] Request(ECDsa key) => new CertificateRequest("CN=any", key, HashAlgorithmName.SHA256).CreateSigningRequest();

    public static async Task<T> ReadAsync<T>(HttpResponseMessage answer)
    {
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
        return (await answer.Content.ReadFromJsonAsync<T>(WireJson.Options, Cancellation))!;
    }

    public static async Task<string> RefusedAsync(HttpResponseMessage answer)
    {
        Assert.False(answer.IsSuccessStatusCode);
        return (await answer.Content.ReadFromJsonAsync<Problem>(WireJson.Options, Cancellation))!.Code;
    }

    public async Task<HelloAnswer> HelloAsync() => await ReadAsync<HelloAnswer>(await PostAsync("hello", new Hello(Facts, "0.1.0", 0, 0)));

    public Task<HttpResponseMessage> PostAsync<T>(string route, T body) => Client.PostAsJsonAsync("/agent/v1/" + route, body, WireJson.Options, Cancellation);

    public async Task<ReportAnswer> ReportAsync(Report report) => await ReadAsync<ReportAnswer>(await PostAsync("report", report));

    public async Task<Stream> OpenSessionAsync() => await Client.GetStreamAsync("/agent/v1/session", Cancellation);

    public void Dispose()
    {
        Client.Dispose();
        certificate.Dispose();
    }
}

/// <summary>Reads orders off a session's stream.</summary>
internal sealed class OrderReader(Stream stream) : IDisposable
{
    private readonly StreamReader reader = new(stream);

    /// <summary>The next order, or null when the stream ended.</summary>
    public async Task<Order?> NextAsync()
    {
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.StartsWith("data: {\"installation", StringComparison.Ordinal))
            {
                return JsonSerializer.Deserialize<Order>(line[6..], WireJson.Options);
            }
        }

        return null;
    }

    public void Dispose() => reader.Dispose();
}
