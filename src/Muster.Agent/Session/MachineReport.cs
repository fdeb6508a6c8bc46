using Muster.Core.Objects;
using Muster.Core.Trees;
using Muster.Protocol.Agent;
using Muster.Protocol.Machines;

namespace Muster.Agent.Session;

/// <summary>What the machine is now, as the server shall know it. Written by whoever learns something, read by the reporter.</summary>
internal sealed class MachineReport
{
    private readonly Lock gate = new();
    private TaskCompletionSource changed = NewSignal();
    private Report now = new(0, MachineState.Unknown, null, null, null, null, [], null, null);

    public Report Now
    {
        get
        {
            lock (gate)
            {
                return now;
            }
        }
    }

    /// <summary>The managed tree whose digest is reported, for the directories that the server lacks.</summary>
    public Tree? Managed { get; private set; }

    /// <summary>Completed at the next change.</summary>
    public Task Changed
    {
        get
        {
            lock (gate)
            {
                return changed.Task;
            }
        }
    }

    public void Set(Func<Report, Report> change)
    {
        lock (gate)
        {
            var next = change(now);
            if (next == now)
            {
                return;
            }

            now = next;
        }

        Wake();
    }

    public void SetTree(Tree managed, Func<Report, Report> change)
    {
        lock (gate)
        {
            Managed = managed;
        }

        Set(report => change(report) with { Tree = managed.Digest });
    }

    public void Progress(string phase, long done, long total, string unit) =>
        Set(report => report with { Progress = new AgentProgress(phase, done, total, unit, null) });

    /// <summary>Lets the reporter look again, for what is not in here: drifts.</summary>
    public void Wake()
    {
        TaskCompletionSource signal;
        lock (gate)
        {
            signal = changed;
            changed = NewSignal();
        }

        signal.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
