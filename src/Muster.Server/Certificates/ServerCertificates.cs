using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Muster.Server.Database;
using Muster.Server.Secrets;

namespace Muster.Server.Certificates;

/// <summary>
/// The certificates this server shows: one for its public names, one for <c>mtls.muster.internal</c>. The public key is pinned by
/// join lines, so it is kept when the certificate is renewed, and the next one is made ahead and pinned beside it.
/// </summary>
internal sealed class ServerCertificates(SqlDatabase database, SecretStore secrets, ServerOptions options, TimeProvider time)
{
    public const string MutualName = "mtls.muster.internal";

    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(90);
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);

    private SslStreamCertificateContext? publicContext;
    private SslStreamCertificateContext? mutualContext;
    private DateTimeOffset renewAt;

    public Authority Authority { get; private set; } = null!;

    /// <summary>SHA-256 of the SubjectPublicKeyInfo of the public names' keys, now and next, in base64 as <c>curl --pinnedpubkey</c> takes them.</summary>
    public IReadOnlyList<string> Pins { get; private set; } = [];

    public DateTimeOffset RenewAt => renewAt;

    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        Authority ??= await Authority.EnsureAsync(database, secrets, time, cancellationToken);
        var now = time.GetUtcNow();
        var (current, next, mutual) = await database.WriteAsync(
            async sql => (
                await EnsureKeyAsync(sql, "server-key", now, cancellationToken),
                await EnsureKeyAsync(sql, "server-key-next", now, cancellationToken),
                await EnsureKeyAsync(sql, "mutual-key", now, cancellationToken)),
            cancellationToken);
        Pins = [Pin(current), Pin(next)];
        publicContext = Context(Issue(current, options.PublicNames, now));
        mutualContext = Context(Issue(mutual, [MutualName], now));
        renewAt = now + Lifetime - RenewBefore;
    }

    /// <summary>Which certificate answers a handshake, and whether it asks for the client's.</summary>
    public SslServerAuthenticationOptions Answer(string? name)
    {
        var mutual = string.Equals(name, MutualName, StringComparison.OrdinalIgnoreCase);
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = mutual ? mutualContext : publicContext,
            ClientCertificateRequired = mutual,

            // Whatever is shown is accepted here and judged by a middleware, which can say what is wrong with it.
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            EnabledSslProtocols = System.Security.Authentication.SslProtocols.Tls12 | System.Security.Authentication.SslProtocols.Tls13,
        };
    }

    private static string Pin(ECDsa key) => Convert.ToBase64String(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));

    private async Task<ECDsa> EnsureKeyAsync(WriteSql sql, string name, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var secret = new SecretName(SecretStore.Server, "key", name);
        if (await secrets.FindAsync(sql, secret, cancellationToken) is { } kept)
        {
            key.ImportPkcs8PrivateKey(kept, out _);
        }
        else
        {
            await secrets.PutAsync(sql, secret, key.ExportPkcs8PrivateKey(), now, cancellationToken);
        }

        return key;
    }

    private X509Certificate2 Issue(ECDsa key, IReadOnlyList<string> names, DateTimeOffset now)
    {
        var request = new CertificateRequest(new X500DistinguishedName($"CN={names[0]}"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
            {
                alternatives.AddIpAddress(address);
            }
            else
            {
                alternatives.AddDnsName(name);
            }
        }

        request.CertificateExtensions.Add(alternatives.Build());
        var issuer = Authority.Intermediate(CertificatePurpose.Servers);
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, true, false));
        using var made = request.Create(issuer, now - TimeSpan.FromHours(1), now + Lifetime, Authority.NewSerial());
        return made.CopyWithPrivateKey(key);
    }

    private SslStreamCertificateContext Context(X509Certificate2 certificate) =>
        SslStreamCertificateContext.Create(certificate, [X509CertificateLoader.LoadCertificate(Authority.Intermediate(CertificatePurpose.Servers).RawData)], offline: true);
}
