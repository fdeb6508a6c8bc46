using Muster.Core.Problems;

namespace Muster.Agent;

/// <summary>
/// Writes that make the agent quicker or more talkative and that it can do without for a while. Where the disk refuses them they are left
/// undone, a condition says so, and they are tried again until they succeed. Safe to use from several threads.
/// </summary>
internal sealed class BestEffort(Conditions conditions)
{
    private const string NotWritten = "state.not-written";

    private readonly Lock gate = new();
    private readonly Dictionary<string, Action> undone = new(StringComparer.Ordinal);

    /// <summary>True while something waits to be tried again.</summary>
    public bool HasUndone
    {
        get
        {
            lock (gate)
            {
                return undone.Count > 0;
            }
        }
    }

    /// <summary>Writes, or notes that it is still to be done.</summary>
    /// <param name="what">Names it, so that a later write of the same takes its place.</param>
    /// <param name="write">May be called again, from another thread.</param>
    public void Try(string what, Action write)
    {
        try
        {
            write();
        }
        catch (ProblemException e) when (e.Kind is ProblemKind.Full or ProblemKind.Denied or ProblemKind.Unavailable)
        {
            lock (gate)
            {
                undone[what] = write;
            }

            conditions.RaiseFor(e, NotWritten, "State not written", "See that the disk of the agent's state folder can be written; the agent tries again by itself.");
            return;
        }

        lock (gate)
        {
            if (!undone.Remove(what) || undone.Count > 0)
            {
                return;
            }
        }

        conditions.Clear(NotWritten);
    }

    /// <summary>Tries once more what is undone.</summary>
    public void TryAgain()
    {
        KeyValuePair<string, Action>[] again;
        lock (gate)
        {
            again = [.. undone];
        }

        foreach (var (what, write) in again)
        {
            Try(what, write);
        }
    }
}
