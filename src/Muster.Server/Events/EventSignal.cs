namespace Muster.Server.Events;

/// <summary>Wakes whoever waits for events, early. It carries nothing and may be missed: the truth is a poll each second.</summary>
internal sealed class EventSignal
{
    private TaskCompletionSource next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the next wake. Take it before looking, so that a wake between looking and waiting is not lost.</summary>
    public Task Next => Volatile.Read(ref next).Task;

    public void Wake() => Interlocked.Exchange(ref next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
}

/// <summary>Something was written that has no number yet.</summary>
internal sealed class EventsWritten
{
    public EventSignal Signal { get; } = new();
}

/// <summary>Events got their numbers and can be read.</summary>
internal sealed class EventsNumbered
{
    public EventSignal Signal { get; } = new();
}
