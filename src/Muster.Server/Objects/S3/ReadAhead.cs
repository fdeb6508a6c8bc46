namespace Muster.Server.Objects.S3;

/// <summary>
/// Reads of small objects that go on where the last one in the same pack ended take a long stretch at once, and the next ones come out of
/// memory: an image of tens of thousands of files would else cost as many round trips. Other reads take what they need and no more.
/// </summary>
internal sealed class ReadAhead(S3Bucket bucket)
{
    public const int Small = 256 << 10;
    private const int Stretch = 2 << 20;
    private const int Near = 256 << 10;
    private const int MostStretches = 16, MostEnds = 64;

    private readonly Lock gate = new();
    private readonly LinkedList<Kept> kept = new();
    private readonly LinkedList<(string Key, long End)> ends = new();

    /// <summary>As <see cref="S3Bucket.FindAsync"/>; null too where it cannot be said from memory and the bucket should be asked.</summary>
    public async Task<ReadOnlyMemory<byte>?> FindAsync(string key, long start, long length, CancellationToken cancellationToken)
    {
        if (Take(key, start, length) is not { } stretch)
        {
            return null;
        }

        try
        {
            var bytes = await stretch.Bytes.WaitAsync(cancellationToken);
            var at = (int)(start - stretch.Start);
            return at + length <= bytes.Length ? bytes.AsMemory(at, (int)length) : null;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whoever asks the bucket itself hears what is wrong.
            lock (gate)
            {
                kept.Remove(stretch);
            }

            return null;
        }
    }

    private Kept? Take(string key, long start, long length)
    {
        lock (gate)
        {
            if (kept.FirstOrDefault(one => one.Key == key && one.Start <= start && start + length <= one.Start + Stretch) is { } known)
            {
                Remember(key, start + length);
                return known;
            }

            var last = ends.FirstOrDefault(one => one.Key == key);
            Remember(key, start + length);
            if (last.Key is null || start < last.End || start - last.End > Near)
            {
                return null;
            }

            // Not with the caller's token: others wait for it too.
            var stretch = new Kept(key, start, ReadAsync(key, start));
            kept.AddFirst(stretch);
            if (kept.Count > MostStretches)
            {
                kept.RemoveLast();
            }

            return stretch;
        }
    }

    private void Remember(string key, long end)
    {
        if (ends.FirstOrDefault(one => one.Key == key) is { Key: not null } old)
        {
            ends.Remove(old);
        }

        ends.AddFirst((key, end));
        if (ends.Count > MostEnds)
        {
            ends.RemoveLast();
        }
    }

    private async Task<byte[]> ReadAsync(string key, long start)
    {
        // Leaves the lock that the caller holds.
        await Task.Yield();
        await using var stream = await bucket.FindAsync(key, start, Stretch, CancellationToken.None);
        if (stream is null)
        {
            return [];
        }

        var bytes = new byte[Stretch];
        var count = await stream.ReadAtLeastAsync(bytes, Stretch, throwOnEndOfStream: false, CancellationToken.None);
        return count == Stretch ? bytes : bytes[..count];
    }

    private sealed record Kept(string Key, long Start, Task<byte[]> Bytes);
}
