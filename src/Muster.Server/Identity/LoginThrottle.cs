using Microsoft.Extensions.Options;
using Muster.Core.Problems;

namespace Muster.Server.Identity;

/// <summary>
/// Slows guessing: after a few wrong passwords an account and an address wait, twice as long each time, at most 15 minutes.
/// It is memory of this process; a success clears the account, an hour of silence clears everything.
/// </summary>
internal sealed class LoginThrottle(TimeProvider time, IOptions<IdentityOptions> options)
{
    private const int MaxKept = 100_000;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Forgotten = TimeSpan.FromHours(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Failures> failures = [];

    /// <summary>Throws <see cref="ProblemKind.Throttled"/> while the account or the address has to wait.</summary>
    public void Check(string account, string address)
    {
        lock (gate)
        {
            var wait = new[] { Wait("account " + account, 1), Wait("address " + address, 4) }.Max();
            if (wait > TimeSpan.Zero)
            {
                throw new ProblemException(ProblemKind.Throttled, "login.throttled", $"too many wrong passwords: wait {Math.Ceiling(wait.TotalSeconds)} seconds")
                {
                    RetryAfter = wait,
                };
            }
        }
    }

    public void Failed(string account, string address)
    {
        lock (gate)
        {
            Count("account " + account);
            Count("address " + address);
        }
    }

    public void Succeeded(string account)
    {
        lock (gate)
        {
            failures.Remove("account " + account);
        }
    }

    // An address may stand for many people behind one gateway, so it has more attempts than an account.
    private TimeSpan Wait(string key, int patience)
    {
        if (!failures.TryGetValue(key, out var found))
        {
            return TimeSpan.Zero;
        }

        var over = found.Count - (options.Value.FreeAttempts * patience);
        if (over < 0)
        {
            return TimeSpan.Zero;
        }

        var pause = TimeSpan.FromSeconds(Math.Min(Longest.TotalSeconds, Math.Pow(2, Math.Min(over, 20))));
        return found.Last + pause - time.GetUtcNow();
    }

    private void Count(string key)
    {
        var now = time.GetUtcNow();
        if (failures.Count >= MaxKept)
        {
            failures.Clear();
        }

        var before = failures.TryGetValue(key, out var found) && now - found.Last < Forgotten ? found.Count : 0;
        failures[key] = new Failures(before + 1, now);
    }

    private readonly record struct Failures(int Count, DateTimeOffset Last);
}
