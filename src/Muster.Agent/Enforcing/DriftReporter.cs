using System.Threading.Channels;
using Muster.Agent.Identity;
using Muster.Agent.Session;
using Muster.Agent.Watching;
using Muster.Core.Plans;
using Muster.Core.Trees;
using Muster.Protocol.Agent;
using Muster.Protocol.Machines;

namespace Muster.Agent.Enforcing;

/// <summary>Finds who changed something. Null where nothing can be said.</summary>
internal delegate ValueTask<Culprit?> FindCulprit(Change change, CancellationToken cancellationToken);

/// <summary>
/// Tells of drifts. Who did it is looked up here, after the file is back: a restoration never waits for a name.
/// </summary>
internal sealed class DriftReporter(DriftLog drifts, MachineReport report, BestEffort effort, FindCulprit findCulprit, AgentClock clock, AgentLog log)
{
    private readonly Channel<Found> found = Channel.CreateUnbounded<Found>(new UnboundedChannelOptions { SingleReader = true });

    private sealed record Found(DriftReport Drift, Change? Change, Action<TreePath, Culprit?>? Named);

    /// <summary>Notes what a plan put right, or would have.</summary>
    public void Add(RepairPlan plan, IReadOnlyDictionary<TreePath, Change> changes, string outcome, long restoredAt, IReadOnlySet<TreePath> wars, Action<TreePath, Culprit?>? named)
    {
        var now = clock.Now;
        foreach (var step in plan.Steps)
        {
            var change = ChangeOf(step.Path, changes);
            var isWar = wars.Contains(step.Path);
            long? microseconds = outcome == "restored" && change is not null ? (long)clock.Time.GetElapsedTime(change.At, restoredAt).TotalMicroseconds : null;
            var drift = new DriftReport(DriftId.New(clock.Time), step.Path, What(step, change), Facets(step), isWar ? "war" : outcome, microseconds, change is null ? "scan" : "event", null, now);
            found.Writer.TryWrite(new Found(drift, change, isWar ? named : null));
        }
    }

    public void Lifted(IReadOnlyList<TreePath> paths)
    {
        foreach (var path in paths)
        {
            log.Information($"lifted the immutable or append-only flag of {path} to repair it");
        }
    }

    /// <summary>Names culprits and hands drifts to the session, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var batch = new List<DriftReport>();
        while (await found.Reader.WaitToReadAsync(cancellationToken))
        {
            batch.Clear();
            while (batch.Count < 200 && found.Reader.TryRead(out var one))
            {
                var culprit = one.Change is null ? null : await findCulprit(one.Change, cancellationToken);
                one.Named?.Invoke(one.Drift.Path, culprit);
                batch.Add(one.Drift with { Culprit = culprit });
            }

            drifts.Add(batch);
            effort.Try("drifts", drifts.Save);
            report.Wake();
        }
    }

    private static Change? ChangeOf(TreePath path, IReadOnlyDictionary<TreePath, Change> changes)
    {
        for (; ; path = path.Parent)
        {
            if (changes.TryGetValue(path, out var change))
            {
                return change;
            }

            // A name that only shares the inode, or a directory above what was told: whoever is named, changed them together.
            if (path.IsRoot)
            {
                return changes.Count == 1 ? changes.Values.First() : null;
            }
        }
    }

    private static string What(RepairStep step, Change? change) => step switch
    {
        RepairStep.Remove => change is not null && (change.What & ChangeKinds.MovedHere) != 0 ? "moved" : "created",
        RepairStep.Put { Seen: null } => change is not null && (change.What & ChangeKinds.MovedAway) != 0 ? "moved" : "deleted",
        _ => "changed",
    };

    private static IReadOnlyList<string> Facets(RepairStep step)
    {
        var facets = step switch
        {
            RepairStep.Link { Seen: not null } => Core.Trees.Facets.HardLink,
            RepairStep.Put { Seen: { } seen } put => TreeDiff.Between(put.Wanted, seen),
            RepairStep.SetAttributes set => TreeDiff.Between(set.Wanted, set.Seen),
            _ => Core.Trees.Facets.None,
        };
        return [.. Names.Where(name => (facets & name.Facet) != 0).Select(name => name.Name)];
    }

    private static readonly (Facets Facet, string Name)[] Names =
    [
        (Core.Trees.Facets.Kind, "kind"), (Core.Trees.Facets.Content, "content"), (Core.Trees.Facets.Mode, "mode"), (Core.Trees.Facets.Owner, "owner"),
        (Core.Trees.Facets.Time, "time"), (Core.Trees.Facets.Target, "target"), (Core.Trees.Facets.Device, "device"), (Core.Trees.Facets.Xattrs, "xattrs"),
        (Core.Trees.Facets.HardLink, "hardLink"),
    ];
}
