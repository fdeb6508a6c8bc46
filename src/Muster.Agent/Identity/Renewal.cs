using System.Security.Cryptography;
using Muster.Agent.Session;
using Muster.Core.Problems;
using Muster.Protocol;
using Muster.Protocol.Agent;

namespace Muster.Agent.Identity;

/// <summary>Gets a new certificate for a new key at half of the old one's life.</summary>
internal sealed class Renewal(IdentityStore store, Conditions conditions, AgentClock clock, AgentLog log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // A certificate that ended so long ago and still renews belongs to a machine that was away for a season, or to a copy of its disk.
    private static readonly TimeSpan LongAgo = TimeSpan.FromDays(90);

    /// <summary>Renews if it is time; true if there is a new certificate, for the next connection.</summary>
    public async Task<bool> RenewIfDueAsync(ServerConnection server, MachineCertificate certificate, CancellationToken cancellationToken)
    {
        if (clock.Now < certificate.RenewAt)
        {
            conditions.Clear("certificate.expiring");
            return false;
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        try
        {
            var answer = await server.PostAsync("agent/v1/renew", new RenewRequest(JoinCommand.RequestFor(key)), MusterJson.Default.RenewRequest, MusterJson.Default.RenewAnswer, Patience, cancellationToken);
            store.SaveCertificate(key, answer.Certificates);
            log.Information("the machine's certificate was renewed");
            conditions.Clear("certificate.expiring");
            conditions.Clear("certificate.refused");
            if (certificate.NotAfter + LongAgo < clock.Now)
            {
                conditions.Raise("certificate.lapsed", "warning", "Renewed after a long time", $"the certificate had ended {certificate.NotAfter:u} and was renewed all the same, because the machine is known and was not revoked",
                    "See that this is the machine you think, and not an old copy of its disk; the condition goes with the next start of the agent.");
            }

            return true;
        }
        catch (ProblemException e)
        {
            conditions.Raise("certificate.expiring", "warning", "Certificate not renewed", $"the certificate ends {certificate.NotAfter:u} and could not be renewed: {e.Message}",
                "See that the server can be reached; after its end the machine may only renew.");
            return false;
        }
    }
}
