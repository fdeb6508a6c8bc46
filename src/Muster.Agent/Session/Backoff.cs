namespace Muster.Agent.Session;

/// <summary>How long to wait before trying again: at once the first time, then 0.5 s × 2^n, at most 30 s, each times a random number from 0.5 to 1.5.</summary>
internal sealed class Backoff(Random random)
{
    private int failures;

    /// <summary>Begins anew after something went well.</summary>
    public void Reset() => failures = 0;

    /// <summary>The next pause.</summary>
    public TimeSpan Next()
    {
        var round = failures++;
        return round == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(30, 0.5 * Math.Pow(2, Math.Min(round - 1, 10))) * (0.5 + random.NextDouble()));
    }
}
