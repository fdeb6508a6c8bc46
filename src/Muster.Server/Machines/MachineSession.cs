using System.Collections.Concurrent;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Protocol.Machines;
using Muster.Server.Database;
using Muster.Server.Events;

namespace Muster.Server.Machines;

/// <summary>The agents that talk to this process. It is memory only: what has to last is in the table.</summary>
internal sealed class MachineSessions(Neighbours neighbours, TimeProvider time)
{
    /// <summary>What servers tell each other of a machine by its id: look whether something is wanted of it.</summary>
    public const string Topic = "machine-wanted";

    private readonly ConcurrentDictionary<MachineId, MachineSession> sessions = new();

    public MachineSession Of(OrganisationId organisation, MachineId machine) => sessions.GetOrAdd(machine, static (id, more) => new MachineSession(more.organisation, id, more.time), (organisation, time));

    public MachineSession? Find(MachineId machine) => sessions.GetValueOrDefault(machine);

    public IEnumerable<MachineSession> All => sessions.Values;

    /// <summary>Something wanted of the machine changed, or it is gone: once that is durable its stream looks at once, at whichever server it is.</summary>
    public Task WakeAsync(WriteSql sql, MachineId machine, CancellationToken cancellationToken)
    {
        sql.AfterCommit(() => WakeHere(machine));
        return neighbours.TellAsync(sql, Topic, machine.ToString(), cancellationToken);
    }

    /// <summary>True where the machine talks to this server.</summary>
    public bool WakeHere(MachineId machine)
    {
        var session = Find(machine);
        session?.Signal.Wake();
        return session is not null;
    }

    /// <summary>Cuts the machine off.</summary>
    public void End(MachineId machine)
    {
        if (sessions.TryRemove(machine, out var session))
        {
            session.End();
        }
    }

    /// <summary>It talks to another server; what it said here before is old.</summary>
    public void Forget(MachineId machine)
    {
        if (Find(machine) is { HasStream: false })
        {
            sessions.TryRemove(machine, out _);
        }
    }
}

/// <summary>One machine's agent as this process knows it.</summary>
internal sealed class MachineSession(OrganisationId organisation, MachineId machine, TimeProvider time)
{
    // Ten reports a second on average, with room for a burst after a cut.
    private const double ReportsPerSecond = 10;
    private const double Burst = 100;

    private readonly Lock gate = new();
    private CancellationTokenSource? stream;
    private double allowance = Burst;
    private long heardAt = time.GetUtcNow().Ticks;
    private long filledAt = time.GetTimestamp();

    public OrganisationId Organisation => organisation;

    public MachineId Machine => machine;

    public EventSignal Signal { get; } = new();

    /// <summary>What it is doing now; too quick for the table.</summary>
    public AgentProgress? Progress { get; set; }

    public DateTimeOffset ProgressSaidAt { get; set; }

    /// <summary>What it was last asked to send of the tree that it reported; null where this server asked nothing.</summary>
    public (Digest Tree, IReadOnlySet<ObjectReference> Objects)? Asked { get; set; }

    public DateTimeOffset HeardAt => new(Interlocked.Read(ref heardAt), TimeSpan.Zero);

    public DateTimeOffset WrittenAt { get; set; }

    public bool HasStream
    {
        get
        {
            lock (gate)
            {
                return stream is not null;
            }
        }
    }

    public void Heard() => Interlocked.Exchange(ref heardAt, time.GetUtcNow().Ticks);

    /// <summary>Begins a stream; the one before it ends.</summary>
    public CancellationTokenSource Open(CancellationToken until)
    {
        var opened = CancellationTokenSource.CreateLinkedTokenSource(until);
        lock (gate)
        {
            stream?.Cancel();
            stream = opened;
        }

        return opened;
    }

    /// <summary>True if that was the machine's only stream.</summary>
    public bool Close(CancellationTokenSource opened)
    {
        lock (gate)
        {
            if (stream != opened)
            {
                return false;
            }

            stream = null;
            return true;
        }
    }

    public void End()
    {
        lock (gate)
        {
            stream?.Cancel();
        }
    }

    /// <summary>Throws when the agent reports more often than agreed.</summary>
    public void CountReport()
    {
        lock (gate)
        {
            allowance = Math.Min(Burst, allowance + (time.GetElapsedTime(filledAt).TotalSeconds * ReportsPerSecond));
            filledAt = time.GetTimestamp();
            if (allowance < 1)
            {
                throw new ProblemException(ProblemKind.Throttled, "report.too-often", "more than 10 reports a second: gather them") { RetryAfter = TimeSpan.FromSeconds(1) };
            }

            allowance--;
        }
    }
}
