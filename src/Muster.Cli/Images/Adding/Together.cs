using System.Runtime.ExceptionServices;

namespace Muster.Cli.Images.Adding;

/// <summary>Runs tasks side by side; when one fails the others are stopped, and it is that failure which is thrown.</summary>
internal static class Together
{
    public static async Task RunAsync(IEnumerable<Func<CancellationToken, Task>> tasks, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        ExceptionDispatchInfo? first = null;
        await Task.WhenAll(tasks.ToList().Select(GuardAsync));
        first?.Throw();
        cancellationToken.ThrowIfCancellationRequested();

        async Task GuardAsync(Func<CancellationToken, Task> task)
        {
            try
            {
                await task(stop.Token);
            }
            catch (Exception e)
            {
                if (e is not OperationCanceledException || !stop.IsCancellationRequested)
                {
                    Interlocked.CompareExchange(ref first, ExceptionDispatchInfo.Capture(e), null);
                }

                await stop.CancelAsync();
            }
        }
    }
}
