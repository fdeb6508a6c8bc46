using Microsoft.Extensions.Options;
using Muster.Server.Database;

namespace Muster.Server.Identity;

/// <summary>Removes sessions that have ended by themselves.</summary>
internal sealed class SessionHousekeeping(Leases leases, IOptions<IdentityOptions> options, TimeProvider time, ILogger<SessionHousekeeping> log) : Loop(time, log)
{
    protected override TimeSpan Pause => TimeSpan.FromHours(1);

    protected override async Task<bool> RoundAsync(CancellationToken cancellationToken)
    {
        var now = Time.GetUtcNow();
        await leases.DoOnceAsync(
            "forget-sessions",
            Pause,
            sql => SessionStore.ForgetExpiredAsync(sql, now - options.Value.SessionLifetime, now - options.Value.SessionIdle, cancellationToken),
            cancellationToken);
        return false;
    }
}
