using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Muster.Agent.Identity;

/// <summary>The fingerprint of a public key as curl writes it: <c>sha256//BASE64</c> of the SubjectPublicKeyInfo.</summary>
internal static class Pin
{
    public static bool IsValid(string text)
    {
        Span<byte> hash = stackalloc byte[64];
        return text.StartsWith("sha256//", StringComparison.Ordinal) && Convert.TryFromBase64String(text[8..], hash, out var length) && length == 32;
    }

    public static string Of(X509Certificate2 certificate) =>
        "sha256//" + Convert.ToBase64String(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
}
