using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Muster.Core.Problems;
using Muster.Server.Database;

namespace Muster.Server.Certificates;

/// <summary>Identities of machines: a certificate for a key that never leaves the machine, 7 days long, renewed at half.</summary>
internal sealed class AgentCertificates(ServerCertificates server, TimeProvider time)
{
    public const string Kind = "agent";

    private const int MaxRequestBytes = 8192;
    private const string P256 = "1.2.840.10045.3.1.7";

    public static TimeSpan Lifetime { get; } = TimeSpan.FromDays(7);

    /// <summary>The root that agents pin for ever, DER.</summary>
    public byte[] Root => server.Authority.Root.RawData;

    /// <summary>Issues a machine's first certificate for a PKCS#10 request (DER). Only its public key is taken from the request.</summary>
    public Task<IssuedChain> IssueAsync(WriteSql sql, OrganisationId organisation, MachineId machine, ReadOnlyMemory<byte> request, CancellationToken cancellationToken) =>
        SignAsync(sql, organisation, machine, request, cancellationToken);

    /// <summary>Issues the next certificate of a machine that showed its present one, for the same or a new key.</summary>
    public Task<IssuedChain> RenewAsync(WriteSql sql, OrganisationId organisation, MachineId machine, ReadOnlyMemory<byte> request, CancellationToken cancellationToken) =>
        SignAsync(sql, organisation, machine, request, cancellationToken);

    /// <summary>Cuts a machine off: whatever certificate it shows is refused from now on.</summary>
    public Task<int> RevokeAsync(WriteSql sql, OrganisationId organisation, MachineId machine, CancellationToken cancellationToken) =>
        CertificateStore.RevokeAsync(sql, organisation, machine.ToString(), time.GetUtcNow(), cancellationToken);

    private async Task<IssuedChain> SignAsync(WriteSql sql, OrganisationId organisation, MachineId machine, ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        var key = ReadKey(request);
        var now = time.GetUtcNow();
        var issuer = server.Authority.Intermediate(CertificatePurpose.Agents);
        var made = new CertificateRequest(new X500DistinguishedName($"CN={machine}"), key, HashAlgorithmName.SHA256);
        made.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        made.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        made.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], false));
        made.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, true, false));
        made.CertificateExtensions.Add(new IdentityExtension(organisation, [], machine.ToString()).Encode());
        using var signer = issuer.GetECDsaPrivateKey()!;
        using var certificate = made.Create(issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(signer), now - TimeSpan.FromMinutes(5), now + Lifetime, Authority.NewSerial());
        var issued = new IssuedCertificate
        {
            Organisation = organisation,
            Serial = certificate.SerialNumber,
            Kind = Kind,
            Subject = machine.ToString(),
            PublicKey = Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo())),
            Issued = now,
            Expires = certificate.NotAfter.ToUniversalTime(),
        };
        await CertificateStore.AddAsync(sql, issued, cancellationToken);
        return new IssuedChain([certificate.RawData, issuer.RawData], issued);
    }

    private static PublicKey ReadKey(ReadOnlyMemory<byte> request)
    {
        if (request.Length > MaxRequestBytes)
        {
            throw Wrong("is larger than a certificate request");
        }

        CertificateRequest read;
        try
        {
            // This checks the request's own signature: proof that the machine has the key.
            read = CertificateRequest.LoadSigningRequest(request.ToArray(), HashAlgorithmName.SHA256);
        }
        catch (CryptographicException e)
        {
            throw Wrong("is not a PKCS#10 certificate request whose signature fits: " + e.Message);
        }

        using var key = read.PublicKey.GetECDsaPublicKey();
        return key is not null && key.ExportParameters(false).Curve.Oid.Value == P256 ? read.PublicKey : throw Wrong("is not for a P-256 key");
    }

    private static ProblemException Wrong(string why) => new([new Fault("request", why)]);
}

/// <summary>A certificate, leaf first, DER each.</summary>
internal sealed record IssuedChain(IReadOnlyList<byte[]> Certificates, IssuedCertificate Record);
