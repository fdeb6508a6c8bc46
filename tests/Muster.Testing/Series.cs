using System.Globalization;

namespace Muster.Testing;

/// <summary>
/// How much of a long random series is run, and from which seed. <c>./dev test --long</c> (<c>MUSTER_LONG=1</c>) runs
/// them whole; otherwise a share, so that the suite stays short. <c>MUSTER_SEED</c> repeats a run.
/// </summary>
public static class Series
{
    public static bool IsLong => Environment.GetEnvironmentVariable("MUSTER_LONG") is { Length: > 0 } and not "0";

    public static int Seed { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("MUSTER_SEED"), CultureInfo.InvariantCulture, out var seed)
            ? seed
            : System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue);

    /// <summary>The number of rounds to run now.</summary>
    public static int Rounds(int whole, int share) => IsLong ? whole : Math.Min(whole, share);

    /// <summary>Random numbers of one round: the same for the same seed, whatever ran before.</summary>
    public static Random Random(int round) => new(HashSeed(Seed, round));

    // Random(n) and Random(n + 1) begin alike; neighbouring rounds should not.
    private static int HashSeed(int seed, int round) => unchecked((seed * 486187739) ^ (round * 16777619)) & int.MaxValue;
}
