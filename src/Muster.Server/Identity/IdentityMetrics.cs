using System.Diagnostics.Metrics;

namespace Muster.Server.Identity;

internal sealed class IdentityMetrics
{
    private readonly Counter<long> logins;

    public IdentityMetrics(IMeterFactory meters) =>
        logins = meters.Create("muster.identity").CreateCounter<long>("muster.identity.logins", null, "Attempts to sign in, by outcome: good or wrong");

    public void Login(string outcome) => logins.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
