using Muster.Agent.Identity;
using Muster.Core.Plans;
using Muster.Core.Trees;

namespace Muster.Agent.Enforcing;

/// <summary>
/// Recognises that something keeps changing back what is restored. Such a path is left alone for a while, longer each time, so that
/// neither side burns the machine; a condition names who. What becomes of it meanwhile is still looked at, at a slow pace, so that the
/// machine is not called in sync when it is not. Peace is when a restored path stays as it is. Safe to use from several threads.
/// </summary>
internal sealed class RevertWars(AgentClock clock)
{
    private const int Most = 5;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Dictionary<TreePath, War> wars = [];
    private readonly Dictionary<TreePath, Queue<TimeSpan>> restored = [];
    private TimeSpan sweptAt;

    /// <summary>Resting: left alone until then. Not resting: restored once more, and at peace if it stays so until then.</summary>
    private sealed record War(string Who, TimeSpan Until, TimeSpan Pause, bool Resting, TimeSpan? LookAt);

    /// <summary>Paths at war and with whom.</summary>
    public IReadOnlyList<(TreePath Path, string Who)> All
    {
        get
        {
            lock (gate)
            {
                return [.. wars.Select(war => (war.Key, war.Value.Who))];
            }
        }
    }

    /// <summary>When something is to be done next, by <see cref="AgentClock.Running"/>; null for never.</summary>
    public TimeSpan? NextAt
    {
        get
        {
            lock (gate)
            {
                return wars.Count == 0 ? null : wars.Values.Min(war => war.LookAt < war.Until ? war.LookAt.Value : war.Until);
            }
        }
    }

    /// <summary>True if the path is to be left alone now.</summary>
    public bool IsAtWar(TreePath path)
    {
        lock (gate)
        {
            return wars.TryGetValue(path, out var war) && war.Resting;
        }
    }

    /// <summary>True if the path is to be left alone now; then what was told of it is looked at later, together with what else is told.</summary>
    public bool Defer(TreePath path)
    {
        lock (gate)
        {
            if (!wars.TryGetValue(path, out var war) || !war.Resting)
            {
                return false;
            }

            wars[path] = war with { LookAt = war.LookAt ?? clock.Running + LookEvery };
            return true;
        }
    }

    /// <summary>Notes a restoration of what somebody had changed. True if with it a war begins, or begins again.</summary>
    public bool Restored(TreePath path)
    {
        lock (gate)
        {
            var now = clock.Running;
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
                times = restored[path] = new Queue<TimeSpan>();
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
            wars[path] = new War("an unknown process", now + FirstPause, FirstPause, Resting: true, LookAt: null);
            return true;
        }
    }

    public void Name(TreePath path, string who)
    {
        lock (gate)
        {
            if (wars.TryGetValue(path, out var war))
            {
                wars[path] = war with { Who = who };
            }
        }
    }

    /// <summary>
    /// Paths whose pause is over: they are restored once more. And paths to look at, which stay left alone. Those that stayed quiet
    /// after they were restored once more are at peace.
    /// </summary>
    public (IReadOnlyList<TreePath> Restore, IReadOnlyList<TreePath> Look) Due()
    {
        lock (gate)
        {
            var now = clock.Running;
            List<TreePath> restore = [], look = [];
            foreach (var (path, war) in wars)
            {
                if (war.Until <= now && !war.Resting)
                {
                    wars.Remove(path);
                }
                else if (war.Until <= now)
                {
                    wars[path] = war with { Resting = false, Until = now + Window, LookAt = null };
                    restore.Add(path);
                }
                else if (war.LookAt <= now)
                {
                    wars[path] = war with { LookAt = null };
                    look.Add(path);
                }
            }

            return (restore, look);
        }
    }

    /// <summary>What of a plan is to be done now: all but paths at war, and what needs them to be as they are wanted.</summary>
    public RepairPlan Spare(RepairPlan plan)
    {
        var left = new HashSet<TreePath>();
        var steps = new List<RepairStep>(plan.Steps.Count);
        foreach (var step in plan.Steps)
        {
            if (IsAtWar(step.Path) || (left.Count > 0 && (IsWithin(step.Path, left) || (step is RepairStep.Link link && left.Contains(link.To)))))
            {
                // A directory whose attributes alone are fought over holds nothing up.
                _ = step is not RepairStep.SetAttributes { Wanted.Kind: EntryKind.Directory } && left.Add(step.Path);
                continue;
            }

            steps.Add(step);
        }

        return steps.Count == plan.Steps.Count ? plan : plan with { Steps = steps };
    }

    private static bool IsWithin(TreePath path, HashSet<TreePath> some)
    {
        for (; !path.IsRoot; path = path.Parent)
        {
            if (some.Contains(path))
            {
                return true;
            }
        }

        return false;
    }

    // What was restored now and then over months shall not be remembered for ever.
    private void Sweep(TimeSpan now)
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
