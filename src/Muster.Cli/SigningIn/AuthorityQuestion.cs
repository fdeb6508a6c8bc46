using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Muster.Cli.Connection;
using Muster.Cli.Running;
using Muster.Core.Problems;

namespace Muster.Cli.SigningIn;

/// <summary>
/// First contact: asks a server for its authority over a connection that nothing vouches for yet, and lets the person compare
/// the fingerprint. From then on only what this authority signed is the server.
/// </summary>
internal static class AuthorityQuestion
{
    public static async Task<string> AskAsync(Uri server, string? fingerprint, bool trustFirst, Surroundings around, CancellationToken cancellationToken)
    {
        var pem = await FetchAsync(server, cancellationToken);
        using var authority = X509Certificate2.CreateFromPem(pem);
        var shown = ServerTrust.Fingerprint(authority);
        if (fingerprint is not null)
        {
            return Digits(fingerprint) == Digits(shown)
                ? pem
                : throw new ProblemException(ProblemKind.Denied, "server.foreign",
                    $"{ServerAddress.Show(server)} shows the authority {shown}, not the one you named; somebody else may answer at this address");
        }

        await around.Error.WriteLineAsync($"{ServerAddress.Show(server)} belongs to the installation with this authority (SHA-256):\n  {shown}");
        if (trustFirst)
        {
            return pem;
        }

        if (!around.InIsTerminal)
        {
            throw new ProblemException(ProblemKind.Invalid, "confirmation.nobody",
                "there is no terminal to confirm the server's fingerprint at: name it with --fingerprint (muster server status shows it on the server's host), or say --trust-first");
        }

        await around.Error.WriteAsync("Is it the one that `muster server status` shows on that host? [y/N] ");
        await around.Error.FlushAsync(cancellationToken);
        return (await around.In.ReadLineAsync(cancellationToken))?.Trim().ToLowerInvariant() is "y" or "yes"
            ? pem
            : throw new ProblemException(ProblemKind.Denied, "server.refused", "not signed in: the server's fingerprint was not confirmed");
    }

    // What the server shows in the handshake must already be signed by what it then names as its authority.
    private static async Task<string> FetchAsync(Uri server, CancellationToken cancellationToken)
    {
        using var seen = new X509Chain();
        X509Certificate2? shown = null;
        var errors = SslPolicyErrors.RemoteCertificateNotAvailable;
        using var open = new MusterClient(server, ServerConnection.Open(server, (_, certificate, chain, found) =>
        {
            // The connection disposes of its own.
            shown = certificate is null ? null : X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
            errors = found;
            foreach (var sent in chain?.ChainPolicy.ExtraStore ?? [])
            {
                seen.ChainPolicy.ExtraStore.Add(X509CertificateLoader.LoadCertificate(sent.RawData));
            }

            return shown is not null;
        }), trust: null);
        using var response = await open.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/authority.pem"), cancellationToken);
        var pem = await response.Content.ReadAsStringAsync(cancellationToken);
        using var trust = ServerTrust.FromPem(pem, $"the answer of {ServerAddress.Show(server)}");
        using (shown)
        {
            return trust.Judge(shown, seen, errors)
                ? pem
                : throw new ProblemException(ProblemKind.Denied, "server.foreign",
                    $"{ServerAddress.Show(server)} names an authority that did not sign what it shows: {trust.Refusal}; something stands between you and the server, or it is none of Muster's");
        }
    }

    private static string Digits(string fingerprint) => fingerprint.Replace(":", "", StringComparison.Ordinal).Replace("sha256//", "", StringComparison.OrdinalIgnoreCase).ToUpperInvariant();
}
