using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Muster.Core.Problems;

namespace Muster.Cli.Connection;

/// <summary>
/// Decides whether the other end is the server that was signed in to: its certificate for <c>mtls.muster.internal</c> must be
/// signed by the authority pinned then. Certificates of the public web have no say.
/// </summary>
internal sealed class ServerTrust(X509Certificate2 authority) : IDisposable
{
    public string? Refusal { get; private set; }

    public static ServerTrust FromPem(string pem, string where)
    {
        try
        {
            return new ServerTrust(X509Certificate2.CreateFromPem(pem));
        }
        catch (CryptographicException e)
        {
            throw new ProblemException(ProblemKind.Invalid, "authority.damaged", $"{where} holds no certificate (PEM): {e.Message}", e);
        }
    }

    /// <summary>How people compare authorities: SHA-256 of the certificate, in groups.</summary>
    public static string Fingerprint(X509Certificate2 certificate) =>
        string.Join(':', Convert.ToHexString(SHA256.HashData(certificate.RawData)).Chunk(2).Select(pair => new string(pair)));

    public bool Judge(X509Certificate? shown, X509Chain? sent, SslPolicyErrors errors)
    {
        if (shown is not X509Certificate2 certificate || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            Refusal = "it shows no certificate";
            return false;
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            Refusal = $"its certificate is not for {ServerAddress.MutualName}";
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        foreach (var element in sent?.ChainPolicy.ExtraStore ?? [])
        {
            chain.ChainPolicy.ExtraStore.Add(element);
        }

        var good = chain.Build(certificate);
        Refusal = good ? null : $"its certificate is not signed by the authority pinned at login ({string.Join("; ", chain.ChainStatus.Select(status => status.StatusInformation.Trim()).Distinct())})";
        return good;
    }

    public void Dispose() => authority.Dispose();
}
