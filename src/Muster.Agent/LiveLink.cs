using Muster.Agent.Fetching;
using Muster.Agent.Identity;
using Muster.Agent.Scanning;
using Muster.Agent.Session;
using Muster.Protocol.Machines;

namespace Muster.Agent;

/// <summary>The link of a machine with its identity on disk.</summary>
internal sealed class LiveLink(IdentityStore store, MachineIdentity identity, AgentOptions options, ObjectCache cache, AgentClock clock, AgentLog log) : IMachineLink, IDisposable
{
    private MachineIdentity known = identity;
    private MachineCertificate certificate = store.LoadCertificate();

    public MachineIdentity Identity => known;

    public DateTimeOffset CertificateUntil => certificate.NotAfter;

    public async Task<ServerConnection> ConnectAsync(Conditions conditions, CancellationToken cancellationToken)
    {
        if (clock.Now >= certificate.RenewAt)
        {
            // Also the only thing that an expired one may do.
            using var server = ServerConnection.Mutual(known, certificate, clock);
            await RenewAsync(server, conditions, cancellationToken);
        }

        return ServerConnection.Mutual(known, certificate, clock);
    }

    public async Task<bool> RenewAsync(ServerConnection server, Conditions conditions, CancellationToken cancellationToken)
    {
        if (!await new Renewal(store, conditions, clock, log).RenewIfDueAsync(server, certificate, cancellationToken))
        {
            return false;
        }

        // The old one still lives in open connections and is left to the collector.
        certificate = store.LoadCertificate();
        return true;
    }

    public void Heard()
    {
        // Hours do not matter to certificates of days.
        if (clock.Now > known.LastServerTime + TimeSpan.FromHours(6))
        {
            var now = known with { LastServerTime = clock.Now };
            store.Save(now);
            known = now;
        }
    }

    public MachineFacts Facts(IFileTree files) => HostFacts.Of(options.Root, files, files.CulpritTrouble is null, cache.Bytes, options.CacheLimit << 20);

    public void Dispose() => certificate.Dispose();
}
