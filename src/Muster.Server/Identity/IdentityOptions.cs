using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Muster.Server.Identity;

internal sealed class IdentityOptions
{
    /// <summary>How long an unused browser session lasts.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "31.00:00:00")]
    public TimeSpan SessionIdle { get; init; } = TimeSpan.FromHours(12);

    /// <summary>How long a browser session lasts at most.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "366.00:00:00")]
    public TimeSpan SessionLifetime { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Wrong passwords for one account from one address before that address has to wait. One address has four times as many for all accounts together.</summary>
    [Range(1, 1000)]
    public int FreeAttempts { get; init; } = 5;
}

[OptionsValidator]
internal sealed partial class IdentityOptionsValidator : IValidateOptions<IdentityOptions>;
