using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Muster.Protocol.Edge;
using Muster.Server.Certificates;
using Muster.Server.Database;
using Muster.Server.Edge;
using Muster.Testing;

namespace Muster.Tests.Certificates;

public sealed class ClientCertificateTests
{
    private static readonly MachineId Machine = MachineId.New(TimeProvider.System);

    [Fact]
    [Requirement("DM-013")]
    public async Task A_machine_is_known_by_the_certificate_it_was_issued()
    {
        await using var server = await StartAsync();
        using var certificate = await IssueAsync(server);

        using var client = Client(server, certificate);
        Assert.Equal(Machine.ToString(), await client.GetStringAsync("https://mtls.muster.internal/agent/who"));
    }

    [Fact]
    [Requirement("DM-013")]
    public async Task Each_thing_wrong_with_a_certificate_has_its_own_code()
    {
        var time = new MovableTime();
        await using var server = await StartAsync(time);
        using var good = await IssueAsync(server);
        using var foreign = SelfSigned();

        Assert.Equal("cert.missing", await RefusalAsync(server, null));
        Assert.Equal("cert.foreign", await RefusalAsync(server, foreign));
        using var wrongKind = ServerIssued(server);
        Assert.Equal("cert.wrong-kind", await RefusalAsync(server, wrongKind));

        time.Advance(AgentCertificates.Lifetime + TimeSpan.FromMinutes(1));
        Assert.Equal("cert.expired", await RefusalAsync(server, good));
        using (var client = Client(server, good))
        {
            Assert.Equal(Machine.ToString(), await client.GetStringAsync("https://mtls.muster.internal/agent/renew"));
        }

        await server.Services.GetRequiredService<SqlDatabase>().WriteAsync(
            async sql => await server.Services.GetRequiredService<AgentCertificates>().RevokeAsync(sql, await OrganisationAsync(server), Machine, CancellationToken.None),
            CancellationToken.None);
        Assert.Equal("cert.revoked", await RefusalAsync(server, good));
        Assert.Equal("cert.revoked", await RefusalAsync(server, good, "renew"));
    }

    [Fact]
    public async Task The_public_name_never_asks_for_a_certificate()
    {
        await using var server = await StartAsync();
        var asked = false;
        using var client = server.CreateClient(new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
            LocalCertificateSelectionCallback = (_, _, _, remote, _) =>
            {
                asked |= remote is not null;
                return null!;
            },
        });

        (await client.GetAsync("/healthz")).EnsureSuccessStatusCode();
        Assert.False(asked);
        (await client.GetAsync("https://mtls.muster.internal/healthz")).EnsureSuccessStatusCode();
        Assert.True(asked);
    }

    [Fact]
    public async Task A_request_for_another_host_than_its_connection_is_misdirected()
    {
        await using var server = await StartAsync();
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, server.Port);
        await using var tls = new SslStream(tcp.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("localhost");
        await tls.WriteAsync("GET /healthz HTTP/1.1\r\nHost: mtls.muster.internal\r\nConnection: close\r\n\r\n"u8.ToArray());
        using var reader = new StreamReader(tls);
        Assert.Equal("HTTP/1.1 421 Misdirected Request", await reader.ReadLineAsync());
        Assert.Contains("\"code\":\"request.misdirected\"", await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }

    private static Task<MusterServer> StartAsync(TimeProvider? time = null) => MusterServer.StartAsync(time: time, more: app =>
    {
        app.MapGet("/agent/who", http => http.Response.WriteAsync(http.GetCaller().Machine.ToString())).For(new Access.Agents());
        app.MapGet("/agent/renew", http => http.Response.WriteAsync(http.GetCaller().Machine.ToString())).For(new Access.Agents(Expired: true));
    });

    private static async Task<string> RefusalAsync(MusterServer server, X509Certificate2? certificate, string route = "who")
    {
        using var client = Client(server, certificate);
        var answer = await client.GetAsync("https://mtls.muster.internal/agent/" + route);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<Problem>(WireJson.Options))!.Code;
    }

    private static HttpClient Client(MusterServer server, X509Certificate2? certificate) => server.CreateClient(new SslClientAuthenticationOptions
    {
        RemoteCertificateValidationCallback = (_, _, _, _) => true,
        ClientCertificates = certificate is null ? null : [certificate],
        LocalCertificateSelectionCallback = certificate is null ? null : (_, _, _, _, _) => certificate,
    });

    private static async Task<X509Certificate2> IssueAsync(MusterServer server)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=whatever", key, HashAlgorithmName.SHA256).CreateSigningRequest();
        var organisation = await OrganisationAsync(server);
        var chain = await server.Services.GetRequiredService<SqlDatabase>().WriteAsync(
            sql => server.Services.GetRequiredService<AgentCertificates>().IssueAsync(sql, organisation, Machine, request, CancellationToken.None),
            CancellationToken.None);
        using var certificate = X509CertificateLoader.LoadCertificate(chain.Certificates[0]);
        return certificate.CopyWithPrivateKey(key);
    }

    private static Task<OrganisationId> OrganisationAsync(MusterServer server) => server.Services.GetRequiredService<SqlDatabase>().ReadAsync(
        sql => sql.GetAsync<OrganisationId>("SELECT organisation FROM organisations", null, CancellationToken.None),
        CancellationToken.None);

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=" + Machine, key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
    }

    private static X509Certificate2 ServerIssued(MusterServer server)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var issuer = server.Services.GetRequiredService<ServerCertificates>().Authority.Intermediate(CertificatePurpose.Servers);
        using var made = new CertificateRequest("CN=" + Machine, key, HashAlgorithmName.SHA256).Create(issuer, issuer.NotBefore, issuer.NotAfter, [1, 2, 3]);
        return made.CopyWithPrivateKey(key);
    }
}
