using System.Security.Cryptography.X509Certificates;

namespace Muster.Agent.Identity;

/// <summary>Who this machine is: written when it joins, read at each start.</summary>
/// <param name="Server">Where its server is reached: <c>https://host:port</c>.</param>
/// <param name="LastServerTime">The latest time a server told, so that a clock at 1970 is noticed (decision 19).</param>
internal sealed record MachineIdentity(string Server, InstallationId Installation, long Epoch, MachineId Machine, string Name, DateTimeOffset LastServerTime);

/// <summary>The machine's certificate with its private key, the intermediate that signed it, and the authority that it trusts for ever.</summary>
internal sealed class MachineCertificate(X509Certificate2 leaf, X509Certificate2Collection intermediates, X509Certificate2 authority) : IDisposable
{
    public X509Certificate2 Leaf => leaf;

    public X509Certificate2Collection Intermediates => intermediates;

    public X509Certificate2 Authority => authority;

    public DateTimeOffset NotBefore => new(leaf.NotBefore.ToUniversalTime(), TimeSpan.Zero);

    public DateTimeOffset NotAfter => new(leaf.NotAfter.ToUniversalTime(), TimeSpan.Zero);

    /// <summary>Half of its life.</summary>
    public DateTimeOffset RenewAt => NotBefore + ((NotAfter - NotBefore) / 2);

    public void Dispose()
    {
        leaf.Dispose();
        foreach (var one in intermediates)
        {
            one.Dispose();
        }

        authority.Dispose();
    }
}
