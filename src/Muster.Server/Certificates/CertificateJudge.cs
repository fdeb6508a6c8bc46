using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using Muster.Core.Problems;
using Muster.Server.Database;
using Muster.Server.Identity;

namespace Muster.Server.Certificates;

/// <summary>
/// Says who holds a client certificate, or what is wrong with it: <c>cert.foreign</c> (not issued here), <c>cert.wrong-kind</c>
/// (ours, but not a machine's), <c>cert.expired</c>, <c>cert.revoked</c>. The handshake lets any certificate pass, so that the
/// answer can be said in words.
/// </summary>
internal sealed class CertificateJudge(ServerCertificates server, SqlDatabase database, TimeProvider time)
{
    private readonly ConditionalWeakTable<X509Certificate2, string> ours = [];

    /// <summary>The machine that shows this certificate.</summary>
    /// <param name="allowExpired">True where an expired one is still good: for renewing it.</param>
    public async Task<Caller> JudgeAsync(X509Certificate2 certificate, bool allowExpired, CancellationToken cancellationToken)
    {
        // A connection keeps its certificate, so its chain is built once; what can change is looked up each time.
        if (!ours.TryGetValue(certificate, out _))
        {
            RequireOurs(certificate);
            ours.AddOrUpdate(certificate, certificate.SerialNumber);
        }

        var issued = await database.ReadAsync(sql => CertificateStore.FindAsync(sql, certificate.SerialNumber, cancellationToken), cancellationToken);
        var identity = IdentityExtension.Find(certificate);
        if (issued is null || identity is null || identity.Organisation != issued.Organisation || identity.Scope != issued.Subject)
        {
            throw Refuse("cert.foreign", "this certificate was not issued by this installation");
        }

        if (issued.Revoked is { } revoked)
        {
            throw Refuse("cert.revoked", $"this certificate was revoked at {revoked:u}");
        }

        if (!allowExpired && time.GetUtcNow() >= issued.Expires)
        {
            throw Refuse("cert.expired", $"this certificate expired at {issued.Expires:u}; it may only be renewed");
        }

        if (issued.Kind != AgentCertificates.Kind || !MachineId.TryParse(issued.Subject, out var machine))
        {
            throw Refuse("cert.wrong-kind", "this certificate is not a machine's");
        }

        return new Caller(CallerKind.Agent, issued.Organisation, issued.Subject, issued.Subject) { Machine = machine, Certificate = issued };
    }

    private static ProblemException Refuse(string code, string why) => new(ProblemKind.Unauthenticated, code, why);

    private void RequireOurs(X509Certificate2 certificate)
    {
        foreach (var purpose in Enum.GetValues<CertificatePurpose>())
        {
            if (!IsSignedBy(certificate, server.Authority.Intermediate(purpose)))
            {
                continue;
            }

            if (purpose != CertificatePurpose.Agents)
            {
                throw Refuse("cert.wrong-kind", $"this certificate is one for {purpose.ToString().ToLowerInvariant()}, not for agents");
            }

            return;
        }

        throw Refuse("cert.foreign", "this certificate was not issued by this installation");
    }

    private bool IsSignedBy(X509Certificate2 certificate, X509Certificate2 intermediate)
    {
        using var chain = new X509Chain
        {
            ChainPolicy =
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,

                // Times are judged above by our own clock, which tests can move.
                VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid,
            },
        };
        chain.ChainPolicy.CustomTrustStore.Add(server.Authority.Root);
        chain.ChainPolicy.ExtraStore.Add(intermediate);
        return chain.Build(certificate) && chain.ChainElements is { Count: 3 } elements && elements[1].Certificate.RawDataMemory.Span.SequenceEqual(intermediate.RawDataMemory.Span);
    }
}
