using Microsoft.Extensions.Options;
using Muster.Server.Database;

namespace Muster.Server.Machines;

/// <summary>Forgets old drift and old invitations.</summary>
internal sealed class ForgettingLoop(Leases leases, IOptions<MachinesOptions> options, TimeProvider time, ILogger<ForgettingLoop> log) : Loop(time, log)
{
    private static readonly TimeSpan InvitationsKept = TimeSpan.FromDays(30);

    protected override TimeSpan Pause => TimeSpan.FromMinutes(10);

    protected override async Task<bool> RoundAsync(CancellationToken cancellationToken)
    {
        var now = Time.GetUtcNow();
        await leases.DoOnceAsync(
            "forget-drift",
            Pause,
            async sql =>
            {
                await DriftStore.ForgetAsync(sql, now - options.Value.DriftRetention, options.Value.DriftPerMachine, cancellationToken);
                await InvitationStore.ForgetAsync(sql, now - InvitationsKept, cancellationToken);
            },
            cancellationToken);
        return false;
    }
}
