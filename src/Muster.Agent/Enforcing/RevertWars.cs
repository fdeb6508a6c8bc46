using Muster.Core.Trees;

namespace Muster.Agent.Enforcing;

/// <summary>
/// Recognises that something keeps changing back what is restored. Such a path is left alone for a while, longer each time, so that
/// neither side burns the machine; a condition names who. Peace is when a restored path stays as it is.
/// </summary>
internal sealed class RevertWars(TimeProvider time)
{
    private const int Most = 5;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    private readonly Dictionary<TreePath, War> wars = [];
    private readonly Dictionary<TreePath, Queue<DateTimeOffset>> restored = [];
    private DateTimeOffset sweptAt;

    private sealed record War(string Who, DateTimeOffset Until, TimeSpan Pause, bool Resting);

    /// <summary>Paths at war and with whom.</summary>
    public IReadOnlyList<(TreePath Path, string Who)> All => [.. wars.Select(war => (war.Key, war.Value.Who))];

    /// <summary>When something is to be done next; null without wars.</summary>
    public DateTimeOffset? NextAt => wars.Count == 0 ? null : wars.Values.Min(war => war.Until);

    /// <summary>True if the path is to be left alone now.</summary>
    public bool IsAtWar(TreePath path) => wars.TryGetValue(path, out var war) && war.Resting;

    /// <summary>Notes a restoration. True if with it a war begins, or begins again.</summary>
    public bool Restored(TreePath path)
    {
        var now = time.GetUtcNow();
        Sweep(now);
        if (wars.TryGetValue(path, out var war))
        {
            // It was restored after a pause and was changed again at once.
            var pause = war.Pause * 2 < LongestPause ? war.Pause * 2 : LongestPause;
            wars[path] = war with { Resting = true, Pause = pause, Until = now + pause };
            return true;
        }

        if (!restored.TryGetValue(path, out var times))
        {
            times = restored[path] = new Queue<DateTimeOffset>();
        }

        times.Enqueue(now);
        while (times.Peek() < now - Window)
        {
            times.Dequeue();
        }

        if (times.Count <= Most)
        {
            return false;
        }

        restored.Remove(path);
        wars[path] = new War("an unknown process", now + FirstPause, FirstPause, Resting: true);
        return true;
    }

    public void Name(TreePath path, string who)
    {
        if (wars.TryGetValue(path, out var war))
        {
            wars[path] = war with { Who = who };
        }
    }

    /// <summary>Paths whose pause is over: they are restored once more. Those that stayed quiet after that are at peace.</summary>
    public IReadOnlyList<TreePath> Due()
    {
        var now = time.GetUtcNow();
        var due = new List<TreePath>();
        foreach (var (path, war) in wars)
        {
            if (war.Until > now)
            {
                continue;
            }

            if (war.Resting)
            {
                wars[path] = war with { Resting = false, Until = now + Window };
                due.Add(path);
            }
            else
            {
                wars.Remove(path);
            }
        }

        return due;
    }

    // What was restored now and then over months shall not be remembered for ever.
    private void Sweep(DateTimeOffset now)
    {
        if (now < sweptAt + Window)
        {
            return;
        }

        sweptAt = now;
        foreach (var (path, times) in restored)
        {
            if (times.All(at => at < now - Window))
            {
                restored.Remove(path);
            }
        }
    }
}
