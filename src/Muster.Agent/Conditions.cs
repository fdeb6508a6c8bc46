using Muster.Agent.Identity;
using Muster.Core.Problems;
using Muster.Protocol.Machines;

namespace Muster.Agent;

/// <summary>Lasting troubles of this machine: raised and cleared by name, reported when they change. Safe to use from several threads.</summary>
internal sealed class Conditions(AgentClock clock)
{
    private const string DiskFull = "disk.full";

    private readonly Lock gate = new();
    private readonly SortedDictionary<string, ConditionDetails> raised = new(StringComparer.Ordinal);
    private readonly HashSet<string> withoutRoom = new(StringComparer.Ordinal);

    /// <summary>Called after each change.</summary>
    public event Action? Changed;

    public IReadOnlyList<ConditionDetails> All
    {
        get
        {
            lock (gate)
            {
                return [.. raised.Values];
            }
        }
    }

    public bool Has(string code)
    {
        lock (gate)
        {
            return raised.ContainsKey(code);
        }
    }

    /// <summary>Raises a condition, or changes the text of one that is raised; its beginning stays.</summary>
    public void Raise(string code, string severity, string title, string text, string cure)
    {
        lock (gate)
        {
            var since = raised.TryGetValue(code, out var before) ? before.Since : clock.Now;
            var now = new ConditionDetails(code, severity, title, text, cure, since);
            if (now == before)
            {
                return;
            }

            raised[code] = now;
        }

        Changed?.Invoke();
    }

    /// <summary>The trouble is over, also where it was only that the disk was full (<see cref="RaiseFor"/>).</summary>
    public void Clear(string code)
    {
        bool changed;
        lock (gate)
        {
            changed = raised.Remove(code) | (withoutRoom.Remove(code) && withoutRoom.Count == 0 && raised.Remove(DiskFull));
        }

        if (changed)
        {
            Changed?.Invoke();
        }
    }

    /// <summary>
    /// A full disk is one condition wherever it is met, and lasts until everyone who met it has got over it; everything else is the
    /// caller's.
    /// </summary>
    public void RaiseFor(ProblemException problem, string code, string title, string cure)
    {
        if (problem.Kind == ProblemKind.Full)
        {
            lock (gate)
            {
                withoutRoom.Add(code);
            }

            Raise(DiskFull, "error", "Disk full", problem.Message, "Make room on the machine; the agent goes on by itself.");
            return;
        }

        Raise(code, problem.Kind == ProblemKind.Unavailable ? "warning" : "error", title, problem.Message, cure);
    }
}
