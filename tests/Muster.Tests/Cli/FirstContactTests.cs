using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Muster.Testing;

namespace Muster.Tests.Cli;

/// <summary>Somebody between a person and their server, at the one moment when nothing is pinned yet.</summary>
public sealed class FirstContactTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_names_the_real_authority_but_is_not_signed_by_it_gets_no_password()
    {
        await using var server = await MusterServer.StartAsync();
        using var client = server.CreateClient();
        var authority = await client.GetStringAsync("/authority.pem", Cancellation);
        using var between = new TcpListener(IPAddress.Loopback, 0);
        between.Start();
        var heard = AnswerAsync(between, authority);
        using var muster = new CommandLine();

        var seen = await muster.RunAsync(
            "login", $"https://localhost:{((IPEndPoint)between.LocalEndpoint).Port}", "--trust-first", "--user", "admin", "--password-file", muster.Write("password", server.OneTimePassword!));

        Assert.Equal(3, seen.ExitCode);
        Assert.Contains("server.foreign", seen.Error, StringComparison.Ordinal);
        between.Stop();
        Assert.Equal("GET /authority.pem HTTP/1.1", Assert.Single(await heard));
    }

    /// <summary>Answers every request with the authority, and tells the first line of each.</summary>
    private static async Task<List<string>> AnswerAsync(TcpListener listener, string authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mtls.muster.internal", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("mtls.muster.internal");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        var heard = new List<string>();
        try
        {
            while (true)
            {
                using var tcp = await listener.AcceptTcpClientAsync(Cancellation);
                await using var tls = new SslStream(tcp.GetStream());
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, Cancellation);
                using var reader = new StreamReader(tls, leaveOpen: true);
                heard.Add((await reader.ReadLineAsync(Cancellation))!);
                while (await reader.ReadLineAsync(Cancellation) is { Length: > 0 })
                {
                }

                await tls.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {authority.Length}\r\nConnection: close\r\n\r\n{authority}"), Cancellation);
            }
        }
        catch (SocketException)
        {
            // The listener was stopped.
            return heard;
        }
    }
}
