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
