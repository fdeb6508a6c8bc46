using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Muster.Server.Machines;

internal sealed class MachinesOptions
{
    /// <summary>What joining machines download: a .tar.gz made by <c>./dev package</c>, or a folder with a published agent. Empty: <c>agent/muster-agent.tar.gz</c> beside the server.</summary>
    public string AgentPackage { get; init; } = "";

    /// <summary>Seconds between the heartbeats of an agent.</summary>
    [Range(1, 3600)]
    public int HeartbeatSeconds { get; init; } = 30;

    /// <summary>Silence after which a machine is unreachable.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan UnreachableAfter { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>How long an agent's stream lasts before it is opened anew.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan SessionLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long drift is remembered.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3660.00:00:00")]
    public TimeSpan DriftRetention { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How many drifts are remembered of one machine; the newest are kept.</summary>
    [Range(100, 10_000_000)]
    public int DriftPerMachine { get; init; } = 100_000;
}

[OptionsValidator]
internal sealed partial class MachinesOptionsValidator : IValidateOptions<MachinesOptions>;
