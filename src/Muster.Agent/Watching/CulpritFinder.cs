using Microsoft.Win32.SafeHandles;
using Muster.Protocol.Machines;

namespace Muster.Agent.Watching;

/// <summary>
/// Names who changed a file. The kernel's audit records tell it, also of a process that is long gone; /proc adds unit,
/// container and parents of those that still run, so both are read as early as possible. What is not known stays unknown.
/// Knows nothing of paths: a change names its process, and this class knows processes.
/// </summary>
internal sealed class CulpritFinder : IAsyncDisposable
{
    private const int MaxKnown = 2048;
    private const int MaxParents = 8;
    private const int MaxLag = 100;

    // How long after a change its audit record may still be on its way; usually it is there first, on a busy machine it is not.
    // A process that can still be asked is not worth a long wait.
    private static readonly TimeSpan Late = TimeSpan.FromMilliseconds(20), LateForTheGone = TimeSpan.FromMilliseconds(500);

    // A process looked at this lately is not looked at again: a copy of a thousand files is one process.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly UserNames users;
    private readonly TimeProvider time;
    private readonly AuditControl? control;
    private readonly AuditSocket? records;
    private readonly Task listening;
    private readonly Lock gate = new();
    private readonly Dictionary<int, Known> known = [];
    private readonly Dictionary<int, TaskCompletionSource> awaited = [];

    private sealed record Known(ProcessFacts? Facts, Deed? Deed, long SeenAt);

    private CulpritFinder(SafeFileHandle root, TimeProvider time, AuditControl? control, AuditSocket? records)
    {
        users = new UserNames(root);
        this.time = time;
        this.control = control;
        this.records = records;
        listening = records is null
            ? Task.CompletedTask
            : Task.Factory.StartNew(Listen, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>True if the kernel's records are heard.</summary>
    public bool Listens => records is not null;

    /// <summary>Begins to listen. There is always a finder; <paramref name="trouble"/> says what it cannot know.</summary>
    /// <param name="root">The tree's root; its /etc/passwd gives the names. Must stay open as long as the finder lives.</param>
    /// <param name="rootPath">The same directory as a path of this process, for the kernel's rule.</param>
    /// <param name="stateFolder">Where agents of one kernel agree on how audit was before them: <c>/run/muster-agent</c>.</param>
    public static CulpritFinder Start(SafeFileHandle root, string rootPath, string stateFolder, TimeProvider time, out WatchTrouble? trouble)
    {
        AuditSocket? records = null;
        if (AuditSocket.TryOpen(listening: true, out var opened) == 0)
        {
            records = opened;
        }

        var control = AuditControl.TryStart(rootPath, stateFolder, out trouble);
        if (records is null && trouble is null)
        {
            trouble = new WatchTrouble("who.denied", "the kernel's audit records may not be heard from here (CAP_AUDIT_READ in the first user namespace is needed); who changes a file is known only while its process runs");
        }

        return new CulpritFinder(root, time, control, records);
    }

    public async ValueTask DisposeAsync()
    {
        control?.Dispose();
        records?.Stop();
        await listening;
        records?.Dispose();
    }

    /// <summary>Looks at a process now, because in a moment it may be gone. Quick, and nothing for one looked at within the last second.</summary>
    public void Notice(int process) => _ = Look(process);

    /// <summary>Who this process is or was. Call it when the file is restored already: it may wait a moment for a late record.</summary>
    /// <param name="changedAt">When the change was told (<see cref="Change.At"/>); the wait counts from there, so many questions do not add up.</param>
    public async ValueTask<Culprit?> FindAsync(int process, long changedAt, CancellationToken cancellationToken)
    {
        if (process <= 0)
        {
            return null;
        }

        var wait = (Look(process) is null ? LateForTheGone : Late) - time.GetElapsedTime(changedAt);
        if (Listens && wait > TimeSpan.Zero && Waiting(process) is { } late)
        {
            await Task.WhenAny(late, Task.Delay(wait, time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }

        return Describe(process);
    }

    private void Listen()
    {
        var trail = new AuditTrail();
        while (records!.TryReceive(out var type, out var text))
        {
            var deed = trail.Take(type, text, out var begun);
            // When records pile up, catching up matters more than a look at processes that are gone by now.
            if (begun is not null && time.GetUtcNow().ToUnixTimeMilliseconds() - begun.Milliseconds < MaxLag)
            {
                Look(begun.Process);
                Look(begun.Parent);
            }

            if (deed is not null)
            {
                Remember(deed);
            }
        }
    }

    private void Remember(Deed deed)
    {
        lock (gate)
        {
            Make(deed.Process);
            known[deed.Process] = known[deed.Process] with { Deed = deed };
            if (awaited.Remove(deed.Process, out var waiter))
            {
                waiter.TrySetResult();
            }
        }
    }

    private ProcessFacts? Look(int process)
    {
        if (process <= 0)
        {
            return null;
        }

        lock (gate)
        {
            if (known.TryGetValue(process, out var before) && time.GetElapsedTime(before.SeenAt) < Fresh)
            {
                return before.Facts;
            }
        }

        var facts = ProcessFacts.Read(process);
        lock (gate)
        {
            Make(process);
            var before = known[process];
            // A process that is gone stays as it was; another one of the same id begins anew.
            var isAnother = facts is not null && before.Facts is not null && facts.Started != before.Facts.Started;
            known[process] = new Known(facts ?? before.Facts, isAnother ? null : before.Deed, time.GetTimestamp());
            return known[process].Facts;
        }
    }

    private void Make(int process)
    {
        if (known.Count >= MaxKnown && !known.ContainsKey(process))
        {
            var half = known.OrderBy(pair => pair.Value.SeenAt).Take(MaxKnown / 2).Select(pair => pair.Key).ToArray();
            foreach (var old in half)
            {
                known.Remove(old);
            }
        }

        known.TryAdd(process, new Known(null, null, long.MinValue / 2));
    }

    private Task? Waiting(int process)
    {
        lock (gate)
        {
            if (known.TryGetValue(process, out var found) && found.Deed is not null)
            {
                return null;
            }

            if (!awaited.TryGetValue(process, out var waiter))
            {
                if (awaited.Count == MaxKnown)
                {
                    awaited.Clear();
                }

                waiter = awaited[process] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return waiter.Task;
        }
    }

    private Culprit Describe(int process)
    {
        Known found;
        lock (gate)
        {
            found = known.GetValueOrDefault(process, new Known(null, null, 0));
        }

        var (facts, deed) = (found.Facts, found.Deed);
        var parents = Parents(deed?.Parent ?? facts?.Parent ?? 0);
        // A child lives in its parent's unit and container unless it was moved, which only service managers do.
        var nearest = facts ?? parents.FirstOrDefault();
        var isSameProgram = facts is not null && (deed?.Name is null || deed.Name == facts.Name);
        var login = deed?.LoginId ?? facts?.LoginId;
        var user = deed is { User: < uint.MaxValue } ? deed.User : facts is { User: < uint.MaxValue } ? facts.User : (uint?)null;
        return new Culprit(
            process,
            deed?.Name ?? facts?.Name,
            deed?.Executable ?? facts?.Executable,
            isSameProgram ? facts!.CommandLine ?? deed?.CommandLine : deed?.CommandLine,
            login is { } id ? users.Of(id) : null,
            user is { } number ? users.Of(number) : null,
            nearest?.Unit,
            nearest?.Container,
            [.. parents.Select(parent => $"{parent.Name} ({parent.Id})")],
            (deed, facts) switch { (not null, not null) => "both", (not null, _) => "audit", (_, not null) => "proc", _ => "unknown" });
    }

    private List<ProcessFacts> Parents(int first)
    {
        var chain = new List<ProcessFacts>();
        for (var next = first; next > 1 && chain.Count < MaxParents && Look(next) is { } parent; next = parent.Parent)
        {
            chain.Add(parent);
        }

        return chain;
    }
}
