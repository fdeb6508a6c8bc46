namespace Muster.Agent.Identity;

/// <summary>
/// The time by which certificates are judged: the latest of the machine's clock, the agent's build and the last time the server
/// told. So a machine that wakes in 1970 is not locked out, and one whose clock was set back does not trust what has expired.
/// </summary>
internal sealed class AgentClock(TimeProvider time, DateTimeOffset built)
{
    private readonly Lock gate = new();
    private DateTimeOffset told = DateTimeOffset.MinValue;
    private long toldAt;
    private readonly long begun = time.GetTimestamp();

    public TimeProvider Time => time;

    /// <summary>How long the agent runs. What is due later is reckoned by this, which no step of the machine's clock moves.</summary>
    public TimeSpan Running => time.GetElapsedTime(begun);

    public DateTimeOffset Now
    {
        get
        {
            lock (gate)
            {
                var now = time.GetUtcNow();
                var known = told == DateTimeOffset.MinValue ? built : told + time.GetElapsedTime(toldAt);
                return now >= known ? now : known >= built ? known : built;
            }
        }
    }

    /// <summary>True if the machine's own clock is earlier than something that has certainly happened.</summary>
    public bool IsMachineBehind => time.GetUtcNow() + TimeSpan.FromMinutes(10) < Now;

    /// <summary>Notes what time the server says it is. A time earlier than one already known is ignored.</summary>
    public void Heard(DateTimeOffset serverTime)
    {
        lock (gate)
        {
            if (told == DateTimeOffset.MinValue || serverTime > told + time.GetElapsedTime(toldAt))
            {
                told = serverTime;
                toldAt = time.GetTimestamp();
            }
        }
    }
}
