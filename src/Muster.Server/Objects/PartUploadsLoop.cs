using Muster.Server.Database;

namespace Muster.Server.Objects;

/// <summary>Drops uploads in parts that nobody went on with.</summary>
internal sealed class PartUploadsLoop(PartUploads parts, TimeProvider time, ILogger<PartUploadsLoop> log) : Loop(time, log)
{
    protected override TimeSpan Pause => TimeSpan.FromMinutes(30);

    protected override Task<bool> RoundAsync(CancellationToken cancellationToken)
    {
        parts.ForgetOld();
        return Task.FromResult(false);
    }
}
