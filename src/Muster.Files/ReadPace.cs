namespace Muster.Files;

/// <summary>
/// Holds reading to a number of bytes a second, over all threads that share it. Every entry costs a little too, so that a tree
/// of a million empty files is not read in one burst.
/// </summary>
public sealed class ReadPace(long bytesPerSecond, TimeProvider time)
{
    internal const int EntryCost = 16 * 1024;

    private readonly Lock gate = new();
    private long freeAt = time.GetTimestamp();

    /// <summary>Counts what was read, and waits where that was too quick.</summary>
    public void Spend(long bytes, CancellationToken cancellationToken)
    {
        TimeSpan wait;
        lock (gate)
        {
            var now = time.GetTimestamp();
            freeAt = Math.Max(freeAt, now) + (long)(bytes * (double)time.TimestampFrequency / bytesPerSecond);
            wait = time.GetElapsedTime(now, freeAt);
        }

        // Short debts are left to grow, because waking up costs more than the reading.
        if (wait > TimeSpan.FromMilliseconds(20))
        {
            cancellationToken.WaitHandle.WaitOne(wait);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
