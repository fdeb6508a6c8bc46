using Microsoft.Extensions.Options;
using Muster.Core.Problems;

namespace Muster.Server.Identity;

/// <summary>
/// Slows guessing. After a few wrong passwords whoever guesses at an account from one place waits, twice as long each time; so does a place
/// that guesses at many accounts. An account that is guessed at from many places waits only seconds, and not at all for a place from which
/// its password was right: otherwise anybody could keep its owner out. It is memory of this process; an hour of silence clears it.
/// </summary>
internal sealed class LoginThrottle(TimeProvider time, IOptions<IdentityOptions> options)
{
    private const int MaxKept = 100_000;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan LongestForAll = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Forgotten = TimeSpan.FromHours(1);
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(30);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Attempts> attempts = [];
    private readonly Dictionary<string, DateTimeOffset> proved = [];

    /// <summary>
    /// Counts an attempt as a wrong one, until <see cref="Succeeded"/> says otherwise.
    /// Throws <see cref="ProblemKind.Throttled"/>, and counts nothing, while it has to wait.
    /// </summary>
    /// <param name="account">The account that is tried; it need not exist.</param>
    /// <param name="from">An address, or a session.</param>
    public void Begin(string account, string from)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            var rules = Rules(account, from, now);
            var wait = rules.Max(rule => Wait(rule, now));
            if (wait > TimeSpan.Zero)
            {
                throw new ProblemException(ProblemKind.Throttled, "login.throttled", $"too many wrong passwords: wait {Math.Ceiling(wait.TotalSeconds)} seconds")
                {
                    RetryAfter = wait,
                };
            }

            MakeRoom(attempts, now, one => now - one.Last > Forgotten);
            foreach (var rule in rules)
            {
                attempts[rule.Key] = new Attempts(CountOf(rule.Key, now) + 1, now);
            }
        }
    }

    public void Succeeded(string account, string from)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            foreach (var rule in Rules(account, from, now))
            {
                if (attempts.TryGetValue(rule.Key, out var found))
                {
                    attempts[rule.Key] = found with { Count = Math.Max(0, found.Count - 1) };
                }
            }

            attempts.Remove(Both(account, from));
            MakeRoom(proved, now, last => now - last > Remembered);
            proved[Both(account, from)] = now;
        }
    }

    private static string Both(string account, string from) => $"{from} at {account}";

    private static void MakeRoom<T>(Dictionary<string, T> kept, DateTimeOffset now, Func<T, bool> isOld)
    {
        if (kept.Count < MaxKept)
        {
            return;
        }

        foreach (var (key, _) in kept.Where(one => isOld(one.Value)).ToList())
        {
            kept.Remove(key);
        }

        // Whoever fills this with invented names must not make it eat the memory.
        if (kept.Count >= MaxKept)
        {
            kept.Clear();
        }
    }

    // A place may stand for many people behind one gateway, so it has more attempts than one account from there.
    private List<Rule> Rules(string account, string from, DateTimeOffset now)
    {
        List<Rule> rules = [new(Both(account, from), 1, Longest), new("from " + from, 4, Longest)];
        if (!proved.TryGetValue(Both(account, from), out var last) || now - last > Remembered)
        {
            rules.Add(new("account " + account, 20, LongestForAll));
        }

        return rules;
    }

    private int CountOf(string key, DateTimeOffset now) => attempts.TryGetValue(key, out var found) && now - found.Last < Forgotten ? found.Count : 0;

    private TimeSpan Wait(Rule rule, DateTimeOffset now)
    {
        var over = CountOf(rule.Key, now) - (options.Value.FreeAttempts * rule.Patience);
        if (over < 0)
        {
            return TimeSpan.Zero;
        }

        var pause = TimeSpan.FromSeconds(Math.Min(rule.Longest.TotalSeconds, Math.Pow(2, Math.Min(over, 20))));
        return attempts[rule.Key].Last + pause - now;
    }

    private readonly record struct Rule(string Key, int Patience, TimeSpan Longest);

    private readonly record struct Attempts(int Count, DateTimeOffset Last);
}
