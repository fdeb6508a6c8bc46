using Muster.Agent.Identity;
using Muster.Agent.Session;

namespace Muster.Agent.Enforcing;

/// <summary>
/// When the keeper does what nobody tells it to: tries again, looks at everything, tries once more what the disk refused. All of it
/// by <see cref="AgentClock.Running"/>, and the less often the less it helps.
/// </summary>
internal sealed class KeeperAgenda(AgentClock clock, TimeSpan rescanEvery)
{
    /// <summary>How long to wait before the whole tree is looked at again when a look did not settle it, at first.</summary>
    public static readonly TimeSpan FirstPatience = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan MostPatience = TimeSpan.FromHours(1);
    private static readonly TimeSpan EffortEvery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    // Without events a scan is all that finds drift; but it may take one part in twenty of the time and no more.
    private static readonly TimeSpan RescanBlind = TimeSpan.FromMinutes(1);
    private const int Share = 20;

    private readonly Backoff backoff = new(Random.Shared);
    private readonly Lock gate = new();
    private TimeSpan? retryAt;
    private TimeSpan? prepareAt;
    private bool looksAnew;
    private TimeSpan lookedAt;
    private TimeSpan lookTook;
    private TimeSpan patience = FirstPatience;
    private TimeSpan effortAt;
    private bool isSettled = true;
    private bool rescanNow;

    public bool IsRetryDue
    {
        get
        {
            lock (gate)
            {
                return retryAt <= clock.Running;
            }
        }
    }

    /// <summary>True if it is time to begin again to bring what a new order wants.</summary>
    public bool IsPreparationDue
    {
        get
        {
            lock (gate)
            {
                return prepareAt <= clock.Running;
            }
        }
    }

    public bool IsEffortDue => effortAt <= clock.Running;

    /// <summary>False if a look at everything did not settle it a moment ago.</summary>
    public bool MayLookNow => isSettled || clock.Running >= lookedAt + FirstPatience;

    /// <summary>True if it is time to look at everything.</summary>
    /// <param name="blind">Nothing else finds drift.</param>
    public bool IsRescanDue(bool blind) => rescanNow || clock.Running >= RescanAt(blind);

    /// <summary>A new order: nothing is known of how hard it will be.</summary>
    public void Begin()
    {
        Plan(null, anew: false);
        PreparationTaken();
        backoff.Reset();
        (patience, isSettled) = (FirstPatience, true);
    }

    public void RescanNow() => rescanNow = true;

    /// <summary>What waits to be tried again is tried at once.</summary>
    public void TryNow()
    {
        lock (gate)
        {
            retryAt = retryAt is null ? null : TimeSpan.Zero;
            prepareAt = prepareAt is null ? null : TimeSpan.Zero;
        }
    }

    /// <summary>The whole tree is looked at again soon, if that is not planned already.</summary>
    public void TrySoon()
    {
        lock (gate)
        {
            var at = clock.Running + FirstPatience;
            (retryAt, looksAnew) = (retryAt < at ? retryAt : at, true);
        }
    }

    /// <summary>What waited to be tried again is tried now. True if nothing that was seen before counts for it.</summary>
    public bool RetryTaken()
    {
        var anew = looksAnew;
        Plan(null, anew: false);
        return anew;
    }

    public void PreparationTaken()
    {
        lock (gate)
        {
            prepareAt = null;
        }
    }

    /// <summary>The whole tree is about to be looked at. If that is given up halfway, it is tried again.</summary>
    public void Looks()
    {
        (lookedAt, rescanNow) = (clock.Running, false);
        Plan(TimeSpan.Zero, anew: false);
    }

    public void EffortTried() => effortAt = clock.Running + EffortEvery;

    /// <summary>Everything was looked at.</summary>
    /// <param name="settled">False if something is not as it should be although everything was tried.</param>
    /// <param name="took">How long the look took.</param>
    public void Looked(bool settled, TimeSpan took)
    {
        (isSettled, lookedAt, lookTook) = (settled, clock.Running, took);
        backoff.Reset();
        Plan(settled ? null : patience, anew: true);
        patience = settled ? FirstPatience : patience * 2 < MostPatience ? patience * 2 : MostPatience;
    }

    /// <summary>What was tried failed, and is tried again.</summary>
    public void Failed(TimeSpan? retryAfter)
    {
        isSettled = false;
        Plan(Pause(retryAfter), anew: false);
    }

    /// <summary>What a new order wants could not be brought.</summary>
    public void PreparationFailed(TimeSpan? retryAfter)
    {
        lock (gate)
        {
            prepareAt = clock.Running + Pause(retryAfter);
        }
    }

    /// <summary>How long until the next of it.</summary>
    /// <param name="rescans">Something is wanted of the tree.</param>
    /// <param name="blind">Nothing else finds drift.</param>
    /// <param name="undone">Something waits for the disk.</param>
    /// <param name="other">Something else that is due.</param>
    public TimeSpan Left(bool rescans, bool blind, bool undone, TimeSpan? other)
    {
        TimeSpan? retry, prepare;
        lock (gate)
        {
            (retry, prepare) = (retryAt, prepareAt);
        }

        TimeSpan?[] dues = [retry, prepare, rescans ? RescanAt(blind) : null, undone ? effortAt : null, other];
        var left = (dues.Min() ?? TimeSpan.MaxValue) - clock.Running;
        return left < TimeSpan.Zero ? TimeSpan.Zero : left < Longest ? left : Longest;
    }

    private void Plan(TimeSpan? after, bool anew)
    {
        lock (gate)
        {
            (retryAt, looksAnew) = (clock.Running + after, anew);
        }
    }

    private TimeSpan Pause(TimeSpan? asked) => asked ?? TimeSpan.FromSeconds(1) + backoff.Next();

    private TimeSpan RescanAt(bool blind)
    {
        var every = blind ? Shorter(rescanEvery, Longer(RescanBlind, lookTook * Share)) : rescanEvery;
        return lookedAt + every;
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
