using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Muster.Server.Tasks;

internal sealed class TasksOptions
{
    /// <summary>How many tasks one server runs at once; no organisation gets more than three quarters of them.</summary>
    [Range(1, 1000)]
    public int AtOnce { get; init; } = 8;

    /// <summary>How long tasks that have ended are remembered.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3660.00:00:00")]
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(90);
}

[OptionsValidator]
internal sealed partial class TasksOptionsValidator : IValidateOptions<TasksOptions>;
