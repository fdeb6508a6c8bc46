using Muster.Core.Problems;

namespace Muster.Server.Database;

/// <summary>
/// Runs for ever and takes no input: looks, does what is due, waits for a wake or a second. A failure is logged once per outage and
/// the next round tries again. Killed anywhere and started again it just goes on.
/// </summary>
internal abstract partial class Loop(TimeProvider time, ILogger log) : BackgroundService
{
    private static readonly Task Never = new TaskCompletionSource().Task;
    private bool failing;

    protected TimeProvider Time => time;

    /// <summary>How long to wait when nothing wakes it.</summary>
    protected virtual TimeSpan Pause => TimeSpan.FromSeconds(1);

    /// <summary>Completes when there may be something to do; taken before each round.</summary>
    protected virtual Task Wake => Never;

    /// <summary>One round; true when there is more to do at once.</summary>
    protected abstract Task<bool> RoundAsync(CancellationToken cancellationToken);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var wake = Wake;
            try
            {
                if (await TryRoundAsync(stoppingToken))
                {
                    continue;
                }

                var pause = Task.Delay(Pause, time, stoppingToken);
                await Task.WhenAny(wake, pause);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task<bool> TryRoundAsync(CancellationToken cancellationToken)
    {
        try
        {
            var more = await RoundAsync(cancellationToken);
            failing = false;
            return more;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (ProblemException e) when (e.Kind != ProblemKind.Bug)
        {
            if (!failing)
            {
                Coping(GetType().Name, e.Message);
            }
        }
        catch (Exception e)
        {
            if (!failing)
            {
                Broken(e, GetType().Name);
            }
        }

        failing = true;
        return false;
    }

    [LoggerMessage(LogLevel.Warning, "{Loop} waits: {Why}")]
    private partial void Coping(string loop, string why);

    [LoggerMessage(LogLevel.Error, "{Loop} failed because of a bug; it goes on trying")]
    private partial void Broken(Exception failure, string loop);
}
