namespace Muster.Agent;

/// <summary>Loops that make sense only together: when one ends, however it does, none of the others stays behind alone.</summary>
internal static class Together
{
    /// <summary>Runs loops until the first of them ends, stops the others, and ends as that one did.</summary>
    public static async Task RunAsync(IEnumerable<Func<CancellationToken, Task>> loops, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = loops.Select(loop => loop(stop.Token)).ToList();
        var first = await Task.WhenAny(running);
        await stop.CancelAsync();
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // What goes wrong while all are being stopped is told too, and not lost behind the stopping.
        await (first.IsFaulted ? first : running.Find(one => one.IsFaulted) ?? first);
    }
}
