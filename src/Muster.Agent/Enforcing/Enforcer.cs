using Muster.Agent.Applying;
using Muster.Agent.Fetching;
using Muster.Agent.Identity;
using Muster.Agent.Session;
using Muster.Agent.Watching;
using Muster.Core.Plans;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Protocol.Agent;
using Muster.Protocol.Machines;

namespace Muster.Agent.Enforcing;

/// <summary>
/// Puts right at once what changed without anyone having wanted it, or in mode monitor only tells. It compares just the paths that
/// changed and takes content from the local cache, so it needs neither a scan nor the server. Who did it is found afterwards.
/// </summary>
internal sealed class Enforcer(KeptTree kept, ObjectCache cache, DriftReporter reporter, Conditions conditions, AgentClock clock)
{
    private readonly RevertWars wars = new(clock.Time);
    private Dictionary<TreePath, Change> pending = [];

    /// <summary>When a path at war is to be looked at again.</summary>
    public DateTimeOffset? NextAt => wars.NextAt;

    /// <summary>Changes that could not be dealt with at once, for who tells of them when they are; once.</summary>
    public IReadOnlyDictionary<TreePath, Change> TakePending()
    {
        var taken = pending;
        pending = [];
        return taken;
    }

    /// <summary>Deals with changes that came together. False if something could not be put right and the whole tree needs a look.</summary>
    public async Task<bool> EnforceAsync(IReadOnlyList<Change> changes, WantedImage wanted, MachineMode mode, CancellationToken cancellationToken)
    {
        var first = new Dictionary<TreePath, Change>();
        var whole = new HashSet<TreePath>();
        foreach (var change in changes)
        {
            var path = change.Path;
            if (!wanted.MayMatter(path) || wars.IsAtWar(path))
            {
                continue;
            }

            first.TryAdd(path, change);
            if (change.IsDirectory && (change.What & (ChangeKinds.Created | ChangeKinds.MovedHere)) != 0)
            {
                whole.Add(path);
            }
        }

        return first.Count == 0 || await EnforceAsync(first.Keys, whole, first, wanted, mode, verify: false, cancellationToken);
    }

    /// <summary>Deals with paths that no event told of.</summary>
    public Task<bool> EnforceAsync(IReadOnlyCollection<TreePath> paths, WantedImage wanted, MachineMode mode, CancellationToken cancellationToken) =>
        EnforceAsync(paths, new HashSet<TreePath>(), [], wanted, mode, verify: true, cancellationToken);

    /// <summary>Restores once more what a war had paused.</summary>
    public async Task<bool> ContinueWarsAsync(WantedImage wanted, MachineMode mode, CancellationToken cancellationToken)
    {
        var due = wars.Due();
        RaiseWars();
        return due.Count == 0 || await EnforceAsync(due, wanted, mode, cancellationToken);
    }

    private async Task<bool> EnforceAsync(
        IReadOnlyCollection<TreePath> paths, HashSet<TreePath> whole, Dictionary<TreePath, Change> changes, WantedImage wanted, MachineMode mode, bool verify, CancellationToken cancellationToken)
    {
        var (tree, looked) = await kept.LookAgainAsync(paths, whole, wanted, verify, cancellationToken);
        if (ReferenceEquals(tree.Root, kept.Seen!.Root) || tree.Digest == kept.Seen.Digest)
        {
            return true;
        }

        var plan = RepairPlanner.PlanFor(wanted.Managed, tree, wanted.Filter, looked.Count == 1 ? looked.First() : TreePath.Root);
        plan = Only(plan, looked);
        if (plan.Steps.Count == 0)
        {
            kept.Replace(tree);
            return plan.Blocked.Count == 0;
        }

        var outcome = mode == MachineMode.Monitor ? "reported" : "restored";
        ApplyResult? result = null;
        if (mode == MachineMode.Image)
        {
            result = Repair(plan, ref outcome, cancellationToken);
        }

        var at = clock.Time.GetTimestamp();
        kept.Replace(outcome == "restored" ? TreePatch.Apply(tree, plan) : tree);
        if (outcome == "pending")
        {
            pending = changes;
            return false;
        }

        reporter.Add(plan, changes, outcome, at, outcome == "restored" ? NoteRestored(plan) : new HashSet<TreePath>(), NameWar);
        if (result is { Lifted.Count: > 0 })
        {
            reporter.Lifted(result.Lifted);
        }

        return outcome != "failed" && plan.Blocked.Count == 0 && result is not { Skipped.Count: > 0 };
    }

    private ApplyResult? Repair(RepairPlan plan, ref string outcome, CancellationToken cancellationToken)
    {
        try
        {
            var result = kept.Files.Repair(plan, new LocalContent(cache, kept.Files, () => null), cancellationToken);
            return result;
        }
        catch (ContentMissingException)
        {
            // The look at the whole tree that follows fetches it, and tells.
            outcome = "pending";
        }
        catch (ProblemException e)
        {
            conditions.RaiseFor(e, "apply.failed", "Not repaired", "See what the message names; the agent tries again by itself.");
            outcome = "failed";
        }

        return null;
    }

    // What differs elsewhere is known already: it is at war, blocked, or waits for the next look at the whole tree.
    private RepairPlan Only(RepairPlan plan, HashSet<TreePath> looked)
    {
        var steps = plan.Steps.Where(step => !wars.IsAtWar(step.Path) && IsWithin(step.Path, looked)).ToList();
        return plan with { Steps = steps, Blocked = [.. plan.Blocked.Where(blocked => IsWithin(blocked.Path, looked))] };
    }

    private static bool IsWithin(TreePath path, HashSet<TreePath> looked)
    {
        for (; ; path = path.Parent)
        {
            if (looked.Contains(path))
            {
                return true;
            }

            if (path.IsRoot)
            {
                return false;
            }
        }
    }

    private HashSet<TreePath> NoteRestored(RepairPlan plan)
    {
        var begun = plan.Steps.Where(step => wars.Restored(step.Path)).Select(step => step.Path).ToHashSet();
        if (begun.Count > 0)
        {
            RaiseWars();
        }

        return begun;
    }

    private void NameWar(TreePath path, Culprit? culprit)
    {
        if (culprit is not null)
        {
            wars.Name(path, $"{culprit.Process ?? "process"} (pid {culprit.Pid}{(culprit.Login is null ? "" : $", {culprit.Login}")}{(culprit.Unit is null ? "" : $", {culprit.Unit}")})");
            RaiseWars();
        }
    }

    private void RaiseWars()
    {
        var all = wars.All;
        if (all.Count == 0)
        {
            conditions.Clear("drift.war");
            return;
        }

        var (path, who) = all[0];
        conditions.Raise("drift.war", "error", "Something keeps changing a file back",
            $"{path} is changed again each time it is restored, by {who}{(all.Count > 1 ? $" (and {all.Count - 1} more paths)" : "")}; it is left alone for a while",
            "Stop what changes it, or let the image leave the path alone with a filter line.");
    }
}
