using Muster.Server.Database;

namespace Muster.Server.Operations;

/// <summary>Removes plans and answers to repeated requests that nobody can ask for any more.</summary>
internal sealed class PlanHousekeeping(Leases leases, TimeProvider time, ILogger<PlanHousekeeping> log) : Loop(time, log)
{
    protected override TimeSpan Pause => TimeSpan.FromHours(1);

    protected override async Task<bool> RoundAsync(CancellationToken cancellationToken)
    {
        await leases.DoOnceAsync("forget-plans", Pause, sql => PlanStore.ForgetExpiredAsync(sql, Time.GetUtcNow(), cancellationToken), cancellationToken);
        return false;
    }
}
