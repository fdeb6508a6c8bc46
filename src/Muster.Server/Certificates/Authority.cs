using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Muster.Server.Database;
using Muster.Server.Secrets;

namespace Muster.Server.Certificates;

internal enum CertificatePurpose
{
    Servers,
    Agents,
    Users,
}

/// <summary>
/// The installation's private certificate authority: a root that only signs intermediates, and one intermediate each for servers,
/// agents and users, so that a certificate of one kind never passes for another. Keys are P-256 and lie sealed in Secrets.
/// </summary>
internal sealed class Authority : IDisposable
{
    private static readonly TimeSpan RootLifetime = TimeSpan.FromDays(365.25 * 20);
    private static readonly TimeSpan IntermediateLifetime = TimeSpan.FromDays(365.25 * 10);

    private readonly Dictionary<CertificatePurpose, X509Certificate2> intermediates;

    private Authority(X509Certificate2 root, Dictionary<CertificatePurpose, X509Certificate2> intermediates)
    {
        Root = root;
        this.intermediates = intermediates;
    }

    public X509Certificate2 Root { get; }

    /// <summary>With its private key.</summary>
    public X509Certificate2 Intermediate(CertificatePurpose purpose) => intermediates[purpose];

    /// <summary>Reads the authority, or makes it when the installation has none yet.</summary>
    public static Task<Authority> EnsureAsync(SqlDatabase database, SecretStore secrets, TimeProvider time, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async sql =>
            {
                var now = time.GetUtcNow();
                var root = await EnsureAsync(sql, secrets, "root", () => MakeRoot(now), now, cancellationToken);
                var all = new Dictionary<CertificatePurpose, X509Certificate2>();
                foreach (var purpose in Enum.GetValues<CertificatePurpose>())
                {
                    all[purpose] = await EnsureAsync(sql, secrets, purpose.ToString().ToLowerInvariant(), () => MakeIntermediate(root, purpose, now), now, cancellationToken);
                }

                return new Authority(root, all);
            },
            cancellationToken);

    /// <summary>A certificate and its key from Secrets, or made and kept there.</summary>
    public static async Task<X509Certificate2> EnsureAsync(
        WriteSql sql, SecretStore secrets, string name, Func<X509Certificate2> make, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var secret = new SecretName(SecretStore.Server, "certificate", name);
        if (await secrets.FindAsync(sql, secret, cancellationToken) is { } pem)
        {
            var text = System.Text.Encoding.UTF8.GetString(pem);
            return X509Certificate2.CreateFromPem(text, text);
        }

        var made = make();
        using var key = made.GetECDsaPrivateKey()!;
        await secrets.PutAsync(sql, secret, System.Text.Encoding.UTF8.GetBytes(made.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem()), now, cancellationToken);
        return made;
    }

    public static byte[] NewSerial()
    {
        // Positive and never zero: RFC 5280 wants at most 20 bytes.
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x3F) | 0x40);
        return serial;
    }

    public void Dispose()
    {
        Root.Dispose();
        foreach (var intermediate in intermediates.Values)
        {
            intermediate.Dispose();
        }
    }

    private static X509Certificate2 MakeRoot(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Muster root", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 1, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(now - TimeSpan.FromHours(1), now + RootLifetime);
    }

    private static X509Certificate2 MakeIntermediate(X509Certificate2 root, CertificatePurpose purpose, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=Muster {purpose.ToString().ToLowerInvariant()}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(root, true, false));
        using var made = request.Create(root, now - TimeSpan.FromHours(1), now + IntermediateLifetime, NewSerial());
        return made.CopyWithPrivateKey(key);
    }
}
